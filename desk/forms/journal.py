from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms import DayField
from clinic.models import Employee
from desk.forms.patients import ANY
from desk.queries.journal import JournalFilter
from patients.models import AccessAction


def list_actors() -> list[tuple[str, Any]]:
    """Everybody who can sign in and is an employee, by name."""
    employees = Employee.objects.exclude(user=None).order_by("last_name", "first_name")
    return [("", ANY), *((str(one.user_id), one.short_name) for one in employees)]


def _day_field(label: Any) -> DayField:
    return DayField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class JournalFilterForm(forms.Form):
    """The filters over the access journal; they live in the address."""

    q = forms.CharField(
        label=_("Patient"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "wide": True, "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    actor = forms.ChoiceField(label=_("Who opened"), required=False, choices=list_actors)
    action = forms.ChoiceField(
        label=_("What was done"), required=False, choices=[("", ANY), *AccessAction.choices]
    )
    since = _day_field(_("From"))
    until = _day_field(_("Until"))
    patient = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def read(self) -> JournalFilter:
        """Return what is asked for; a filter that makes no sense counts as not set."""
        self.is_valid()
        got = self.cleaned_data
        return JournalFilter(
            text=got.get("q", ""),
            actor_id=int(actor) if (actor := got.get("actor")) else None,
            action=got.get("action", ""),
            since=got.get("since"),
            until=got.get("until"),
            patient_id=got.get("patient"),
            before=got.get("before"),
        )
