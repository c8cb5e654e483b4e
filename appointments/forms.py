from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import CancelReason
from clinic.days import is_within_reach

QUARTER = 15
"""Minutes between the times that can be offered."""


class MomentField(forms.CharField):
    """A moment with its offset, as a button of the page carries it."""

    def clean(self, value: str) -> datetime:
        try:
            moment = parse_datetime(super().clean(value))
        except ValueError:
            moment = None
        if moment is None or timezone.is_naive(moment) or not is_within_reach(moment.date()):
            raise forms.ValidationError(_("Choose one of the times."))
        return moment


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button says it all."""


class CancelForm(forms.Form):
    """The reason may be left out: whoever cancels by a link owes none."""

    reason = forms.ChoiceField(
        required=False,
        choices=[
            (CancelReason.PATIENT_ASKED, pgettext_lazy("reason of a patient", "my plans changed")),
            (CancelReason.ILLNESS, pgettext_lazy("reason of a patient", "I am ill")),
            (CancelReason.EXPENSIVE, pgettext_lazy("reason of a patient", "too expensive")),
            (CancelReason.WENT_ELSEWHERE, pgettext_lazy("reason of a patient", "another clinic")),
            (CancelReason.OTHER, pgettext_lazy("reason of a patient", "another reason")),
        ],
    )

    def clean_reason(self) -> str:
        return self.cleaned_data["reason"] or CancelReason.BY_LINK


class AskForm(forms.Form):
    wish = forms.CharField(
        label=_("When would it suit you?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class TimeForm(forms.Form):
    starts_at = MomentField(error_messages={"required": _("Choose one of the times.")})

    def clean_starts_at(self) -> datetime:
        """Times stand on quarters: what is between them was not offered."""
        at: datetime = self.cleaned_data["starts_at"]
        if at.minute % QUARTER or at.second or at.microsecond:
            raise forms.ValidationError(_("Choose one of the times."))
        return at


class MoveForm(TimeForm):
    """`version` is that of the visit's first service as the patient saw it."""

    version = forms.IntegerField(min_value=1)
