from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from messaging.kinds import KINDS
from messaging.models import Template
from patients.models import Channel

STATE_CHOICES = [
    ("", _("all")),
    ("waiting", _("waiting")),
    ("sent", _("sent")),
    ("not_sent", _("not sent")),
    ("unknown", _("outcome unknown")),
]
PERIODS = {"1": 1, "7": 7, "30": 30, "365": 365}
PERIOD_CHOICES = [
    ("1", _("a day")),
    ("7", _("7 days")),
    ("30", _("30 days")),
    ("365", _("a year")),
]
ANY = ("", pgettext_lazy("filter", "any"))


def _list_kinds() -> list[tuple[str, str | Promise]]:
    return [ANY, *((code, kind.name) for code, kind in KINDS.items())]


class MessageFilterForm(forms.Form):
    """The filters above the list; what is missing or wrong filters nothing."""

    text = forms.CharField(
        label=_("Patient"),
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "wide": True, "placeholder": _("Name or phone")}
        ),
    )
    state = forms.ChoiceField(label=_("State"), choices=STATE_CHOICES, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=_list_kinds, required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=[ANY, *Channel.choices], required=False)
    days = forms.ChoiceField(
        label=_("Written in"), choices=PERIOD_CHOICES, required=False, initial="7"
    )
    patient = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__({"days": self.base_fields["days"].initial} | dict(data.items()))


class TemplateForm(forms.Form):
    """The text of a template. An SMS has no subject."""

    subject = forms.CharField(label=_("Subject"), max_length=150)
    body = forms.CharField(
        label=_("Text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "true"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, template: Template) -> None:
        super().__init__(data, initial={"subject": template.subject, "body": template.body})
        if template.channel != Channel.EMAIL:
            del self.fields["subject"]
            self.fields["body"].widget.attrs["rows"] = 5
