"""What the patient on the phone asks for besides the service: when, with whom, how near."""

from dataclasses import replace
from datetime import date, time
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from appointments.queries import SlotQuery
from clinic.forms import DayField
from clinic.models import Branch

NOON, EVENING = time(12), time(17)


class DayPart(TextChoices):
    """A part of the day on the branch's clock, by the start of the visit."""

    ANY = "", pgettext_lazy("part of the day", "any time")
    MORNING = "morning", pgettext_lazy("part of the day", "morning")
    AFTERNOON = "afternoon", pgettext_lazy("part of the day", "afternoon")
    EVENING = "evening", pgettext_lazy("part of the day", "evening")


BOUNDS: dict[str, tuple[time | None, time | None]] = {
    DayPart.ANY: (None, None),
    DayPart.MORNING: (None, NOON),
    DayPart.AFTERNOON: (NOON, EVENING),
    DayPart.EVENING: (EVENING, None),
}

WEEKDAYS = [
    ("1", pgettext_lazy("weekday", "Mo")),
    ("2", pgettext_lazy("weekday", "Tu")),
    ("3", pgettext_lazy("weekday", "We")),
    ("4", pgettext_lazy("weekday", "Th")),
    ("5", pgettext_lazy("weekday", "Fr")),
    ("6", pgettext_lazy("weekday", "Sa")),
    ("7", pgettext_lazy("weekday", "Su")),
]


class WishForm(forms.Form):
    """The filters of what is proposed. What makes no sense is as if it were not asked.

    `wished` and `since` are the doctor and the day that were asked for: those in the fields of
    booking change when a proposal is taken, and the other proposals must stay.
    """

    part = forms.ChoiceField(choices=DayPart.choices, required=False)
    weekday = forms.MultipleChoiceField(choices=WEEKDAYS, required=False)
    anywhere = forms.BooleanField(required=False)
    wished = forms.IntegerField(required=False, min_value=1, max_value=10**18)
    since = DayField(required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()

    @property
    def part_chosen(self) -> str:
        return self.cleaned_data.get("part") or DayPart.ANY

    @property
    def weekdays_chosen(self) -> list[str]:
        return self.cleaned_data.get("weekday") or []

    @property
    def is_anywhere(self) -> bool:
        return bool(self.cleaned_data.get("anywhere"))

    @property
    def is_narrow(self) -> bool:
        return bool(self.part_chosen or self.weekdays_chosen)

    @property
    def employee_id(self) -> int | None:
        wished: int | None = self.cleaned_data.get("wished")
        return wished

    @property
    def since_day(self) -> date | None:
        since: date | None = self.cleaned_data.get("since")
        return since

    @property
    def weekdays(self) -> tuple[int, ...]:
        return tuple(int(number) for number in self.weekdays_chosen)

    @property
    def clocks(self) -> tuple[time | None, time | None]:
        """The first start that will do, and before what it must be."""
        return BOUNDS[self.part_chosen]

    def narrow(self, query: SlotQuery, *, branch: Branch) -> SlotQuery:
        """Return the query as the patient wishes it, at the branch or anywhere in its city."""
        clock_from, clock_until = self.clocks
        return replace(
            query,
            employee_id=self.employee_id,
            branch_id=None if self.is_anywhere else branch.pk,
            city=branch.city if self.is_anywhere else "",
            weekdays=self.weekdays,
            clock_from=clock_from,
            clock_until=clock_until,
        )
