from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.actions import Interval, TimeOffOrder
from clinic.days import day_bounds
from clinic.forms import DayField
from clinic.models import Branch, Employee, Shift, TimeOff, TimeOffKind

MOST_WEEKS = 12
LONGEST_REPEAT = timedelta(days=31)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"step": 300})


class HoursForm(forms.Form):
    """The hours of one shift on the branch's clock."""

    on = DayField(label=_("Day"), widget=DayInput)
    starts = forms.TimeField(label=_("From"), widget=ClockInput)
    ends = forms.TimeField(label=pgettext_lazy("time of day", "Until"), widget=ClockInput)

    def __init__(self, *args: Any, branch: Branch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch = branch

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("starts") and told.get("ends") and told["ends"] <= told["starts"]:
            self.add_error("ends", _("The end must be later than the beginning."))
        return told

    def period(self, on: date | None = None) -> Interval:
        told, zone = self.cleaned_data, self.branch.zone
        day = on or told["on"]
        return (
            datetime.combine(day, told["starts"], tzinfo=zone),
            datetime.combine(day, told["ends"], tzinfo=zone),
        )


def tell_shift(shift: Shift) -> dict[str, Any]:
    """What the form of a shift begins with."""
    zone = shift.branch.zone
    starts, ends = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    return {"on": starts.date(), "starts": starts.time(), "ends": ends.time()}


class ShiftForm(HoursForm):
    """New shifts: one day, or several days of the week for some weeks on."""

    employee = forms.ModelChoiceField(
        label=_("Employee"), queryset=Employee.objects.none(), empty_label=_("choose")
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Also on these days of the week"),
        choices=list(WEEKDAYS_ABBR.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    weeks = forms.IntegerField(
        label=_("For how many weeks"),
        min_value=1,
        max_value=MOST_WEEKS,
        initial=1,
        help_text=_("1: this week only; 12 at most"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    field_order = ("employee", "on", "starts", "ends", "weekdays", "weeks")

    def __init__(self, *args: Any, employees: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_employees(self.fields["employee"], employees)

    def periods(self) -> list[Interval]:
        """One period for each chosen day of each week, none before the first day."""
        first: date = self.cleaned_data["on"]
        monday = first - timedelta(days=first.weekday())
        weekdays = sorted({first.weekday(), *self.cleaned_data["weekdays"]})
        days = [
            monday + timedelta(days=7 * week + weekday)
            for week in range(self.cleaned_data["weeks"])
            for weekday in weekdays
        ]
        return [self.period(day) for day in days if day >= first]


class TimeOffForm(forms.Form):
    """An absence: whole days, or hours of them."""

    employee = forms.ModelChoiceField(
        label=_("Employee"), queryset=Employee.objects.none(), empty_label=_("choose")
    )
    kind = forms.ChoiceField(label=_("Reason"), choices=TimeOffKind.choices)
    first = DayField(label=_("First day"), widget=DayInput)
    last = DayField(label=_("Last day"), widget=DayInput)
    starts = forms.TimeField(label=_("From"), required=False, widget=ClockInput)
    ends = forms.TimeField(
        label=pgettext_lazy("time of day", "Until"), required=False, widget=ClockInput
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, branch: Branch, employees: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch = branch
        set_employees(self.fields["employee"], employees)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first, last = told.get("first"), told.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day must not be before the first."))
        starts, ends = told.get("starts"), told.get("ends")
        if (starts is None) != (ends is None):
            name = "starts" if starts is None else "ends"
            self.add_error(name, _("Write both times, or none for whole days."))
        elif starts and ends and ends <= starts:
            self.add_error("ends", _("The end must be later than the beginning."))
        elif starts and first and last and last - first > LONGEST_REPEAT:
            self.add_error("last", _("Hours can be repeated for a month at most."))
        return told

    def order(self) -> TimeOffOrder:
        told = self.cleaned_data
        return TimeOffOrder(
            employee_id=told["employee"].pk,
            kind=told["kind"],
            note=told["note"],
            periods=self._list_periods(),
        )

    def _list_periods(self) -> list[Interval]:
        """One period for whole days, one a day for hours."""
        told, zone = self.cleaned_data, self.branch.zone
        first, last = told["first"], told["last"]
        if told["starts"] is None:
            return [(day_bounds(self.branch, first)[0], day_bounds(self.branch, last)[1])]
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return [
            (
                datetime.combine(day, told["starts"], tzinfo=zone),
                datetime.combine(day, told["ends"], tzinfo=zone),
            )
            for day in days
        ]


class TimeOffChangeForm(TimeOffForm):
    """An absence that exists: always one period, of the same employee."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].disabled = True

    def _list_periods(self) -> list[Interval]:
        periods = super()._list_periods()
        return [(periods[0][0], periods[-1][1])]


def tell_time_off(absence: TimeOff, branch: Branch) -> dict[str, Any]:
    """What the form of an absence begins with: no hours when it takes whole days."""
    starts, ends = (
        moment.astimezone(branch.zone) for moment in (absence.starts_at, absence.ends_at)
    )
    is_whole = starts.time() == time() and ends.time() == time()
    last = (ends - timedelta(microseconds=1)).date()
    hours = {} if is_whole else {"starts": starts.time(), "ends": ends.time()}
    return {
        "employee": absence.employee_id,
        "kind": absence.kind,
        "first": starts.date(),
        "last": last,
        "note": absence.note,
        **hours,
    }


def set_employees(field: forms.Field, employee_ids: Iterable[int]) -> None:
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = Employee.objects.filter(pk__in=list(employee_ids)).order_by(
            "last_name", "first_name", "pk"
        )
