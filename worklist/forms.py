from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from worklist.actions import CALL_AGAIN_AFTER, CallReport
from worklist.models import CallOutcome, TaskKind

STATE_CHOICES = [
    ("open", _("To do")),
    ("overdue", _("Overdue")),
    ("today", _("Today")),
    ("later", _("Later")),
    ("closed", _("Closed")),
]
WHOSE_CHOICES = [("", _("everybody's")), ("free", _("not taken")), ("mine", _("mine"))]

MORNING = time(10)
LATER_CHOICES = [
    ("soon", _("in two hours")),
    ("tomorrow", _("tomorrow at 10:00")),
    ("days", _("in three days")),
    ("week", _("in a week")),
    ("weeks", _("in two weeks")),
]
DAYS_ON = {"tomorrow": 1, "days": 3, "week": 7, "weeks": 14}


def read_later(code: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment that a choice of `LATER_CHOICES` means: days end up at ten o'clock."""
    if code not in DAYS_ON:
        return now + CALL_AGAIN_AFTER
    on = now.astimezone(zone).date() + timedelta(days=DAYS_ON[code])
    return datetime.combine(on, MORNING, tzinfo=zone)


class TaskFilterForm(forms.Form):
    """The filters above the list; what is missing or wrong filters nothing."""

    text = forms.CharField(
        label=_("Patient"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "wide": True}),
    )
    state = forms.ChoiceField(label=_("When"), choices=STATE_CHOICES, required=False)
    kind = forms.ChoiceField(
        label=_("What"), choices=[("", _("any")), *TaskKind.choices], required=False
    )
    whose = forms.ChoiceField(label=_("Whose"), choices=WHOSE_CHOICES, required=False)


class PostponeForm(forms.Form):
    later = forms.ChoiceField(choices=LATER_CHOICES)


class CallForm(forms.Form):
    """How a call went, by one tap; the time to call again matters only where one follows."""

    outcome = forms.ChoiceField(
        label=_("How did it go"), choices=CallOutcome.choices, widget=forms.RadioSelect
    )
    later = forms.ChoiceField(
        label=_("Call again"),
        choices=LATER_CHOICES,
        required=False,
        help_text=_("If there was no answer or the patient asked to call later."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def report(self, *, zone: ZoneInfo, now: datetime) -> CallReport:
        told: dict[str, Any] = self.cleaned_data
        return CallReport(
            outcome=told["outcome"],
            note=told["note"].strip(),
            again_at=read_later(told["later"], zone=zone, now=now),
        )


class ResultForm(forms.Form):
    result = forms.CharField(
        label=_("What came of it"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
    )
