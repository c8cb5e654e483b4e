from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.actions.segments import SegmentChangedMeanwhile, SegmentDraft, check_draft
from campaigns.forms.segments import RuleField, SeenAtField, put_refusal
from campaigns.models import Segment
from outbox.errors import Refused


class SegmentAdminForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no parameter at run time
    """The form of the administration: the same widget, checked by the same rules."""

    rule = RuleField(label=_("Who is in the segment"))
    seen_at = SeenAtField(required=False)

    class Meta:
        model = Segment
        fields = ("name", "rule")

    class Media:
        css = {"all": ["clinic/tokens.css", "campaigns/rule-builder-admin.css"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_at"] = self.instance.updated_at

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if "name" in told and "rule" in told:
            try:
                self._check()
            except Refused as refused:
                put_refusal(self, refused)
        return told

    def _check(self) -> None:
        check_draft(self.draft, segment_id=self.instance.pk)
        if self.instance.pk and self.cleaned_data["seen_at"] != self.instance.updated_at:
            raise SegmentChangedMeanwhile

    @property
    def draft(self) -> SegmentDraft:
        return SegmentDraft(name=self.cleaned_data["name"], rule=self.cleaned_data["rule"])
