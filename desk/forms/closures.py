from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.actions import ClosureOrder, DayDecision
from clinic.days import day_bounds
from clinic.forms import DayField
from clinic.models import Branch, BranchDay, BranchDayKind, Closure, Device, Room
from desk.forms.schedule import ClockInput, DayInput


class BranchDayForm(forms.Form):
    """What the branch does on a day."""

    on = DayField(label=_("Day"), widget=DayInput)
    kind = forms.ChoiceField(
        label=_("The branch is"), choices=BranchDayKind.choices, widget=forms.RadioSelect
    )
    starts = forms.TimeField(label=_("From"), required=False, widget=ClockInput)
    ends = forms.TimeField(
        label=pgettext_lazy("time of day", "Until"), required=False, widget=ClockInput
    )
    name = forms.CharField(label=_("What day it is"), required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("kind") == BranchDayKind.SHORT:
            for name in ("starts", "ends"):
                if told.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Write the hours of this day."))
        return told

    def decision(self, branch: Branch) -> DayDecision:
        told = self.cleaned_data
        return DayDecision(
            branch_id=branch.pk,
            on=told["on"],
            kind=told["kind"],
            opens_at=told["starts"],
            closes_at=told["ends"],
            name=told["name"],
        )


def tell_branch_day(day: BranchDay) -> dict[str, Any]:
    return {
        "on": day.on,
        "kind": day.kind,
        "starts": day.opens_at,
        "ends": day.closes_at,
        "name": day.name,
    }


class ClosureForm(forms.Form):
    """A room or a device, whole days or from an hour to an hour."""

    place = forms.ChoiceField(label=_("Room or device"))
    first = DayField(label=_("First day"), widget=DayInput)
    starts = forms.TimeField(label=_("From"), required=False, widget=ClockInput)
    last = DayField(label=_("Last day"), widget=DayInput)
    ends = forms.TimeField(
        label=pgettext_lazy("time of day", "Until"), required=False, widget=ClockInput
    )
    note = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, branch: Branch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch = branch
        rooms = Room.objects.filter(branch=branch, is_active=True).order_by("name", "pk")
        devices = Device.objects.filter(branch=branch, is_active=True).order_by("name", "pk")
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                ("", _("choose")),
                (_("Rooms"), [(f"room-{room.pk}", room.name) for room in rooms]),
                (_("Devices"), [(f"device-{device.pk}", device.name) for device in devices]),
            ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("first") and told.get("last") and told["last"] < told["first"]:
            self.add_error("last", _("The last day must not be before the first."))
        return told

    def thing(self) -> tuple[int | None, int | None]:
        """The ids of the room and of the device; one of them is None."""
        kind, _dash, number = self.cleaned_data["place"].partition("-")
        return (int(number), None) if kind == "room" else (None, int(number))

    def order(self) -> ClosureOrder:
        told, zone = self.cleaned_data, self.branch.zone
        room_id, device_id = self.thing()
        starts_at = day_bounds(self.branch, told["first"])[0]
        ends_at = day_bounds(self.branch, told["last"])[1]
        if told["starts"]:
            starts_at = datetime.combine(told["first"], told["starts"], tzinfo=zone)
        if told["ends"]:
            ends_at = datetime.combine(told["last"], told["ends"], tzinfo=zone)
        return ClosureOrder(
            room_id=room_id,
            device_id=device_id,
            starts_at=starts_at,
            ends_at=ends_at,
            note=told["note"],
        )


class ClosureChangeForm(ClosureForm):
    """A closure that exists: of the same room or device."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].disabled = True


def tell_closure(closure: Closure, branch: Branch) -> dict[str, Any]:
    """What the form of a closure begins with: no hours where it takes whole days."""
    starts, ends = (at.astimezone(branch.zone) for at in (closure.starts_at, closure.ends_at))
    is_until_midnight = not (ends.hour or ends.minute)
    return {
        "place": f"room-{closure.room_id}" if closure.room_id else f"device-{closure.device_id}",
        "first": starts.date(),
        "starts": starts.time() if starts.hour or starts.minute else None,
        "last": ends.date() - timedelta(days=1) if is_until_midnight else ends.date(),
        "ends": None if is_until_midnight else ends.time(),
        "note": closure.note,
    }
