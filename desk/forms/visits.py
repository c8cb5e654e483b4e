"""A visit of several services: which, in what order, each with whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _

from appointments.queries import MOST_SERVICES, Step, list_doctors, list_services
from clinic.http import read_number
from clinic.models import Branch, Employee, Service
from desk.forms.booking import choose_from

FEWEST = 2
NUMBERS = range(1, MOST_SERVICES + 1)


@dataclass(frozen=True, kw_only=True)
class TakenStep:
    """What was pressed for one service: with whom and when."""

    employee_id: int
    starts_at: datetime


class VisitForm(forms.Form):
    """The services of the visit in order. The patient is chosen beside the form."""

    patient = forms.IntegerField(required=False, min_value=1)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, branch: Branch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in NUMBERS:
            self._add_step(number, branch)

    def _add_step(self, number: int, branch: Branch) -> None:
        wish = {"data-wish": True}
        self.fields[f"service{number}"] = forms.ModelChoiceField(
            Service.objects.none(),
            label=_("Service %(number)s") % {"number": number},
            required=number <= FEWEST,
            empty_label=_("choose a service") if number <= FEWEST else "—",
            widget=forms.Select(attrs=wish),
        )
        self.fields[f"employee{number}"] = forms.ModelChoiceField(
            Employee.objects.none(),
            label=_("Doctor"),
            required=False,
            empty_label=_("any doctor"),
            widget=forms.Select(attrs=wish),
        )
        choose_from(self, f"service{number}", list_services(branch=branch))
        choose_from(self, f"employee{number}", list_doctors(branch=branch))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("patient") and "new-name" not in self.data:
            self.add_error(None, _("Choose a patient or add a new one."))
        return given

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"service{number}"], self[f"employee{number}"]) for number in NUMBERS]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is chosen so far, in order; empty until there are two services."""
        given = self.cleaned_data
        found = tuple(
            Step(
                service_id=given[f"service{number}"].pk,
                employee_id=employee.pk if (employee := given.get(f"employee{number}")) else None,
            )
            for number in NUMBERS
            if given.get(f"service{number}")
        )
        return found if len(found) >= FEWEST else ()


def read_taken(text: str) -> list[TakenStep]:
    """Read the visit that was pressed: "employee moment" for each service, commas between.

    Empty for what makes no sense.
    """
    found = [_read_step(part) for part in text.split(",")]
    return [step for step in found if step is not None] if None not in found else []


def _read_step(text: str) -> TakenStep | None:
    employee, _space, moment = text.partition(" ")
    number = read_number(employee)
    try:
        starts_at = parse_datetime(moment)
    except ValueError:
        return None
    if number is None or starts_at is None or is_naive(starts_at):
        return None
    return TakenStep(employee_id=number, starts_at=starts_at)
