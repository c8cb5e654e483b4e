from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.actions import CopyOrder, DayHours, ExceptionOrder, FillOrder, RotationOrder
from clinic.forms import DayField
from clinic.models import MOST_DAYS, Branch, Employee, Rotation
from desk.forms.schedule import ClockInput, DayInput, set_employees

CYCLES = {
    7: _("every week"),
    14: _("odd and even weeks"),
    21: _("three weeks in turn"),
    28: _("four weeks in turn"),
    2: _("one day on, one off"),
    4: _("two days on, two off"),
    6: _("three days on, three off"),
    8: _("four days on, four off"),
}
FILLED_AHEAD = timedelta(days=8 * 7)
PARTS = ("starts", "break_starts", "break_ends", "ends")


class RotationForm(forms.Form):
    """A rotation with a row of hours for each day of its cycle, and until when to fill it in."""

    employee = forms.ModelChoiceField(
        label=_("Employee"), queryset=Employee.objects.none(), empty_label=_("choose")
    )
    cycle_days = forms.TypedChoiceField(label=_("Repeats"), coerce=int)
    anchor_on = DayField(
        label=_("First day of the cycle"),
        widget=DayInput,
        help_text=_("Day 1 below; the cycle goes on from it in both directions."),
    )
    starts_on = DayField(label=_("Holds from"), widget=DayInput)
    ends_on = DayField(
        label=_("Holds until"), required=False, widget=DayInput, help_text=_("Empty: for ever")
    )
    fill_until = DayField(label=_("Fill the shifts in until"), widget=DayInput)

    def __init__(
        self, *args: Any, cycle_days: int, employees: Iterable[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.length = cycle_days
        set_employees(self.fields["employee"], employees)
        known = CYCLES if cycle_days in CYCLES else {**CYCLES, cycle_days: str(cycle_days)}
        field = self.fields["cycle_days"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = list(known.items())
        for number in range(cycle_days):
            for part in PARTS:
                self.fields[f"{part}-{number}"] = forms.TimeField(required=False, widget=ClockInput)

    def rows(self) -> list[dict[str, Any]]:
        """The days of the cycle with their fields, each with the date that it first falls on."""
        anchor = self._read_anchor()
        return [
            {
                "number": number + 1,
                "on": anchor + timedelta(days=number) if anchor else None,
                "fields": [self[f"{part}-{number}"] for part in PARTS],
            }
            for number in range(self.length)
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for number in range(self.length):
            hours = self._read_hours(told, number)
            if hours is None:
                if any(told.get(f"{part}-{number}") for part in PARTS):
                    self.add_error(f"starts-{number}", _("Write from when until when."))
            elif not hours.is_sound():
                self.add_error(f"ends-{number}", _("The hours must follow each other."))
        first, last = told.get("starts_on"), told.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day must not be before the first."))
        return told

    def order(self, branch: Branch) -> RotationOrder:
        told = self.cleaned_data
        found = (self._read_hours(told, number) for number in range(self.length))
        return RotationOrder(
            employee_id=told["employee"].pk,
            branch_id=branch.pk,
            cycle_days=self.length,
            anchor_on=told["anchor_on"],
            starts_on=told["starts_on"],
            ends_on=told["ends_on"],
            days=[hours for hours in found if hours is not None],
        )

    def fill_order(self, branch: Branch) -> FillOrder:
        told = self.cleaned_data
        return FillOrder(
            branch_id=branch.pk,
            employee_ids=[told["employee"].pk],
            first=told["starts_on"],
            last=told["fill_until"],
        )

    def _read_anchor(self) -> date | None:
        value = self["anchor_on"].value()
        try:
            return value if isinstance(value, date) else self.fields["anchor_on"].clean(value)
        except forms.ValidationError:
            return None

    def _read_hours(self, told: dict[str, Any], number: int) -> DayHours | None:
        clock = [told.get(f"{part}-{number}") for part in PARTS]
        starts, break_starts, break_ends, ends = clock
        if starts is None or ends is None:
            return None
        return DayHours(
            number=number,
            starts=starts,
            ends=ends,
            break_starts=break_starts,
            break_ends=break_ends,
        )


def suggest_rotation(branch: Branch, *, cycle_days: int, today: date) -> dict[str, Any]:
    """What a new rotation begins with: the usual hours on the usual days."""
    monday = today - timedelta(days=today.weekday())
    if cycle_days == 14 and monday.isocalendar().week % 2 == 0:
        monday -= timedelta(days=7)
    is_weekly = cycle_days % 7 == 0
    worked = [
        number
        for number in range(cycle_days)
        if (number % 7 < 5 if is_weekly else number < cycle_days // 2)
    ]
    first = {
        "cycle_days": cycle_days,
        "anchor_on": monday if is_weekly else today,
        "starts_on": today,
        "fill_until": today + FILLED_AHEAD,
    }
    hours = {"starts": branch.opens_at, "ends": branch.closes_at}
    return first | {f"{part}-{n}": clock for n in worked for part, clock in hours.items()}


def tell_rotation(rotation: Rotation, *, today: date) -> dict[str, Any]:
    """What the form of a rotation begins with."""
    last = today + FILLED_AHEAD
    told = {
        "employee": rotation.employee_id,
        "cycle_days": rotation.cycle_days,
        "anchor_on": rotation.anchor_on,
        "starts_on": rotation.starts_on,
        "ends_on": rotation.ends_on,
        "fill_until": min(last, rotation.ends_on) if rotation.ends_on else last,
    }
    return told | {
        f"{part}-{day.number}": getattr(day, part) for day in rotation.days.all() for part in PARTS
    }


def read_cycle(text: str) -> int:
    """The length of a cycle that a page sent back, a week for anything else."""
    return int(text) if text.isdecimal() and len(text) < 3 and 1 <= int(text) <= MOST_DAYS else 7


class FillForm(forms.Form):
    """Which days to fill in from the rotations; of one employee or of all."""

    employee = forms.ModelChoiceField(
        label=_("Employee"), queryset=Employee.objects.none(), required=False, empty_label=_("all")
    )
    first = DayField(label=_("First day"), widget=DayInput)
    last = DayField(label=_("Last day"), widget=DayInput)

    def __init__(self, *args: Any, employees: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_employees(self.fields["employee"], employees)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("first") and told.get("last") and told["last"] < told["first"]:
            self.add_error("last", _("The last day must not be before the first."))
        return told

    def order(self, branch: Branch) -> FillOrder:
        told = self.cleaned_data
        return FillOrder(
            branch_id=branch.pk,
            employee_ids=[told["employee"].pk] if told["employee"] else [],
            first=told["first"],
            last=told["last"],
        )


class ExceptionForm(forms.Form):
    """A day off, or a day planned by hand."""

    employee = forms.ModelChoiceField(
        label=_("Employee"), queryset=Employee.objects.none(), empty_label=_("choose")
    )
    on = DayField(label=_("Day"), widget=DayInput)
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, employees: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_employees(self.fields["employee"], employees)

    def order(self, branch: Branch) -> ExceptionOrder:
        told = self.cleaned_data
        return ExceptionOrder(
            employee_id=told["employee"].pk,
            branch_id=branch.pk,
            on=told["on"],
            note=told["note"],
        )


class CopyForm(forms.Form):
    """A day or a week, of one or of all, to other days or to another person."""

    employee = forms.ModelChoiceField(
        label=_("Whose shifts"),
        queryset=Employee.objects.none(),
        required=False,
        empty_label=_("of all employees"),
    )
    first = DayField(label=_("From the day"), widget=DayInput)
    days = forms.TypedChoiceField(
        label=_("How much"),
        coerce=int,
        choices=[(7, pgettext_lazy("copy", "a week")), (1, pgettext_lazy("copy", "one day"))],
    )
    to_employee = forms.ModelChoiceField(
        label=_("To whom"),
        queryset=Employee.objects.none(),
        required=False,
        empty_label=_("to the same employee"),
    )
    to_first = DayField(label=_("To the day"), widget=DayInput)
    times = forms.IntegerField(
        label=_("How many times in a row"),
        min_value=1,
        max_value=26,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, employees: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.employee_ids = sorted(employees)
        for name in ("employee", "to_employee"):
            set_employees(self.fields[name], self.employee_ids)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("to_employee") and not told.get("employee"):
            self.add_error("employee", _("Say whose shifts the other employee takes over."))
        return told

    def order(self, branch: Branch) -> CopyOrder:
        told = self.cleaned_data
        return CopyOrder(
            branch_id=branch.pk,
            employee_ids=[told["employee"].pk] if told["employee"] else self.employee_ids,
            first=told["first"],
            days=told["days"],
            to_first=told["to_first"],
            times=told["times"],
            to_employee_id=told["to_employee"].pk if told["to_employee"] else None,
        )
