"""Rules to start from, for someone who builds a first segment."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Sample:
    code: str
    name: str | Promise
    text: str | Promise
    icon: str
    rule: dict[str, Any]


def _asked(trait: str, operator: str, value: Any = None) -> dict[str, Any]:
    condition = {"trait": trait, "op": operator}
    return condition if value is None else condition | {"value": value}


SAMPLES = (
    Sample(
        code="silent",
        name=_("Silent for two months"),
        text=_("Were with us, have not come for 60 days, have nothing booked."),
        icon="moon",
        rule={
            "all": [
                _asked("days_since_visit", "gte", 60),
                _asked("booked", "no"),
                _asked("marketing_consent", "any", ["SMS", "EMAIL"]),
            ]
        },
    ),
    Sample(
        code="came_once",
        name=_("Came once"),
        text=_("One visit within the last 90 days and none booked: time for the second."),
        icon="walk",
        rule={
            "all": [
                _asked("visits", "eq", 1),
                _asked("last_visit", "last_days", 90),
                _asked("booked", "no"),
            ]
        },
    ),
    Sample(
        code="best",
        name=_("Bring in the most"),
        text=_("Spent 40 000 ₽ or more in five visits or more."),
        icon="star",
        rule={"all": [_asked("spent", "gte", 40000), _asked("visits", "gte", 5)]},
    ),
    Sample(
        code="birthday",
        name=_("Birthday in two weeks"),
        text=_("To congratulate those who agreed to hear from us."),
        icon="cake",
        rule={
            "all": [
                _asked("birthday", "within", 14),
                _asked("marketing_consent", "any", ["SMS", "EMAIL"]),
            ]
        },
    ),
    Sample(
        code="too_expensive",
        name=_("Found it expensive"),
        text=_("Said so to a request, a cancellation, a course or in person."),
        icon="coins",
        rule={
            "any": [
                _asked("attitude", "in", ["EXPENSIVE"]),
                _asked("request_lost", "did", {"of": ["EXPENSIVE"], "days": 180}),
                _asked("cancel_reason", "did", {"of": ["EXPENSIVE"], "days": 180}),
                _asked("course_dropped", "did", {"of": ["EXPENSIVE"], "days": 180}),
            ]
        },
    ),
    Sample(
        code="unhappy",
        name=_("Unhappy"),
        text=_("Scored the last visit 6 or lower, or their complaint is not settled."),
        icon="mood-sad",
        rule={"any": [_asked("last_score", "lte", 6), _asked("open_case", "yes")]},
    ),
)


def find_sample(code: str) -> Sample | None:
    return next((sample for sample in SAMPLES if sample.code == code), None)
