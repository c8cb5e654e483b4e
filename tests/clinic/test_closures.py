from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.actions import (
    ClosureInPast,
    ClosureOrder,
    ClosureOverlaps,
    DayDecision,
    DayInPast,
    EndsBeforeStart,
    add_closure,
    change_closure,
    decide_day,
    forget_day,
    remove_closure,
)
from clinic.models import BranchDay, Closure
from clinic.public_holidays import list_public_holidays
from clinic.queries import find_open_hours
from outbox.errors import Refused
from outbox.models import Event
from tests.factories import DAY, Clinic, make_clinic

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def close(clinic: Clinic, starts: str = "09:00", ends: str = "12:00") -> Closure:
    return add_closure(order=order(clinic, starts, ends), actor_id=None, now=NOW)


def order(clinic: Clinic, starts: str, ends: str) -> ClosureOrder:
    return ClosureOrder(
        room_id=clinic.rooms[0].pk, starts_at=clinic.at(starts), ends_at=clinic.at(ends)
    )


def decide(clinic: Clinic, kind: str, **told: Any) -> None:
    decision = DayDecision(branch_id=clinic.branch.pk, **{"on": DAY, "kind": kind, **told})
    decide_day(decision=decision, actor_id=None, now=NOW)


def test_the_clinic_decides_and_decides_again(clinic: Clinic) -> None:
    decide(clinic, "SHORT", opens_at=time(10), closes_at=time(15), name="Новый год")
    assert find_open_hours(branch=clinic.branch, on=DAY) == (time(10), time(15))

    decide(clinic, "CLOSED")
    assert find_open_hours(branch=clinic.branch, on=DAY) is None
    assert BranchDay.objects.get().opens_at is None

    forget_day(branch_id=clinic.branch.pk, on=DAY, actor_id=None, now=NOW)
    assert find_open_hours(branch=clinic.branch, on=DAY) == (time(8), time(21))
    kinds = [event.payload["kind"] for event in Event.objects.order_by("id")]
    assert kinds == ["SHORT", "CLOSED", ""]


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"kind": "CLOSED", "on": DAY - timedelta(days=2)}, DayInPast),
        ({"kind": "SHORT"}, EndsBeforeStart),
        ({"kind": "SHORT", "opens_at": time(12), "closes_at": time(12)}, EndsBeforeStart),
    ],
)
def test_a_wrong_decision_is_refused(
    clinic: Clinic, told: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        decide(clinic, **told)

    assert not BranchDay.objects.exists()


def test_a_room_is_closed_changed_and_opened(clinic: Clinic) -> None:
    closure = close(clinic)
    told: dict[str, Any] = {"closure_id": closure.pk, "actor_id": None}

    change_closure(order=order(clinic, "09:00", "15:00"), now=NOW, **told)
    assert Closure.objects.get().ends_at == clinic.at("15:00")
    with pytest.raises(ClosureInPast):
        remove_closure(now=clinic.at("15:00"), **told)
    remove_closure(now=NOW, **told)

    assert not Closure.objects.exists()
    assert [event.name for event in Event.objects.order_by("id")] == [
        "clinic.PlaceClosed",
        "clinic.ClosureChanged",
        "clinic.ClosureRemoved",
    ]


@pytest.mark.parametrize(
    ("period", "refusal"),
    [
        (("12:00", "12:00"), EndsBeforeStart),
        (("11:00", "13:00"), ClosureOverlaps),
    ],
)
def test_a_wrong_closure_is_refused(
    clinic: Clinic, period: tuple[str, str], refusal: type[Refused]
) -> None:
    close(clinic)

    with pytest.raises(refusal):
        close(clinic, *period)

    assert Closure.objects.count() == 1


def test_the_database_keeps_closures_apart(clinic: Clinic) -> None:
    close(clinic)

    with pytest.raises(IntegrityError, match="closure_once_per_room"), transaction.atomic():
        Closure.objects.create(
            room=clinic.rooms[0], starts_at=clinic.at("11:00"), ends_at=clinic.at("13:00")
        )
    with pytest.raises(IntegrityError, match="closure_of_one_thing"), transaction.atomic():
        Closure.objects.create(starts_at=clinic.at("11:00"), ends_at=clinic.at("13:00"))


def test_holidays_are_suggested_with_their_transfers() -> None:
    days = list_public_holidays(2026)

    assert days[date(2026, 1, 1)] == "Новогодние каникулы"
    assert date(2026, 12, 31) in days  # a day off moved there from Sunday, 4 January
    assert DAY not in days
