"""A chain of sessions as it travels between the page and the server."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.actions import BookingOrder
from appointments.queries import Slot
from clinic.days import is_within_reach
from clinic.forms import DayField
from clinic.http import read_number
from clinic.queries import get_terms
from prescriptions.models import PrescriptionLine
from prescriptions.queries import ChainWish, Specialist


class WishForm(forms.Form):
    """From when, at what time of day and with whom the sessions are wished."""

    from_on = DayField(
        label=_("Not before"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    clock = forms.TimeField(
        label=_("At about"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    specialist = forms.TypedChoiceField(
        label=_("With"), required=False, coerce=int, empty_value=None, choices=()
    )

    def __init__(self, *args: Any, specialists: Iterable[Specialist], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["specialist"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                ("", _("whoever is free")),
                *((one.id, one.name) for one in specialists),
            ]

    def wish(self) -> ChainWish:
        return ChainWish(
            from_on=self.cleaned_data["from_on"],
            clock=self.cleaned_data["clock"],
            employee_id=self.cleaned_data["specialist"],
        )


class ChainForm(forms.Form):
    """The times chosen: a `slot` for each session; `skip` names those that are left for later."""

    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def orders(self, slots: Iterable[Slot], *, line: PrescriptionLine) -> list[BookingOrder]:
        return [
            BookingOrder(
                patient_id=line.prescription.patient_id,
                service_id=line.service_id,
                employee_id=slot.employee_id,
                branch_id=slot.branch_id,
                starts_at=slot.starts_at,
                key=f"chain:{self.cleaned_data['key']}:{number}",
                waived=True,
            )
            for number, slot in enumerate(slots, start=1)
        ]


def _length(line: PrescriptionLine, employee_id: int) -> timedelta:
    return get_terms(service_id=line.service_id, employee_id=employee_id).duration


def write_slot(slot: Slot) -> str:
    """Return a slot as the value of a choice: who, where and when."""
    return f"{slot.employee_id}/{slot.branch_id}/{slot.starts_at.isoformat()}"


def read_slots(values: Iterable[str], *, line: PrescriptionLine) -> list[Slot]:
    """Return the slots of the choices, up to the first that is none."""
    slots: list[Slot] = []
    for value in values:
        slot = _read_slot(value, line=line)
        if slot is None:
            break
        slots.append(slot)
    return slots


def _read_slot(value: str, *, line: PrescriptionLine) -> Slot | None:
    try:
        employee, branch, starts = value.split("/")
        starts_at = datetime.fromisoformat(starts)
    except ValueError:
        return None
    employee_id, branch_id = read_number(employee), read_number(branch)
    if starts_at.tzinfo is None or not is_within_reach(starts_at.date()):
        return None
    if employee_id is None or branch_id is None:
        return None
    return Slot(
        employee_id=employee_id,
        branch_id=branch_id,
        room_id=None,
        starts_at=starts_at,
        ends_at=starts_at + _length(line, employee_id),
    )
