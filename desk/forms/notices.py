from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

MINUTES = (10, 15, 20, 25, 30, 40, 50, 60, 90)


class NoticesForm(forms.Form):
    """`feed` is which button was pressed: a new address for the calendar, or none any more."""

    mails_news = forms.BooleanField(
        label=_("Write me an e-mail when my today or tomorrow changes"), required=False
    )
    feed = forms.ChoiceField(
        choices=[("", ""), ("issue", ""), ("revoke", "")],
        required=False,
        widget=forms.HiddenInput(),
    )


class DelayForm(forms.Form):
    """How late, and who is written to."""

    minutes = forms.TypedChoiceField(
        label=_("Delay"),
        choices=[(minutes, minutes) for minutes in MINUTES],
        coerce=int,
    )

    def delay(self) -> timedelta:
        return timedelta(minutes=self.cleaned_data["minutes"])
