import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.actions.segments import LONGEST_NAME, SegmentDraft
from campaigns.forms.rule_builder import RuleBuilder
from campaigns.segments.rules import (
    Fault,
    RuleInvalid,
    RuleRefused,
    load_rule,
    parse_rule,
)
from outbox.errors import Refused


class RuleField(forms.CharField):
    """JSON text in, a readable rule out; each fault of the rule is an error of the field."""

    widget = RuleBuilder

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            rule = load_rule(str(value))
            parse_rule(rule)
        except RuleInvalid as refused:
            raise ValidationError([say_fault(fault) for fault in refused.faults]) from None
        return rule

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The rule was checked whole when it was read."""


def say_fault(fault: Fault) -> str:
    """The fault with its place, which the rule builder shows at the condition itself."""
    return f"{fault.path}: {fault.text}" if fault.path else fault.text


class SeenAtField(forms.CharField):
    """Which state of the segment the author saw, to the microsecond."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> Any:
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError:
            raise ValidationError(_("Reload the page.")) from None

    def run_validators(self, value: Any) -> None:
        """It was read, so it is well."""


class SegmentForm(forms.Form):
    name = forms.CharField(
        label=_("Segment name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("So that a colleague understands who is in it."),
    )
    rule = RuleField(label=_("Who is in the segment"))
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen_at = SeenAtField(required=False)

    @property
    def draft(self) -> SegmentDraft:
        return SegmentDraft(name=self.cleaned_data["name"], rule=self.cleaned_data["rule"])


def put_refusal(form: forms.BaseForm, refused: Refused) -> None:
    """Show a refusal of the action where it belongs."""
    if isinstance(refused, RuleRefused):
        for fault in refused.faults:
            form.add_error("rule", say_fault(fault))
        return
    form.add_error("name" if refused.code.startswith("name_") else None, str(refused))


class SegmentFilter(forms.Form):
    """What narrows the list of segments; anything unreadable narrows nothing."""

    q = forms.CharField(
        label=_("Segment name"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    archived = forms.BooleanField(label=_("Archive"), required=False)


def read_filter(data: Mapping[str, Any]) -> tuple[SegmentFilter, dict[str, Any]]:
    form = SegmentFilter(data)
    found = form.cleaned_data if form.is_valid() else {}
    return form, {"text": found.get("q", ""), "archived": bool(found.get("archived"))}
