"""Everything that can be done at the desk, by many at once; and what the same storm finds without
the locks and the constraints."""

from collections import ChainMap
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment
from benchmarks.reception.ground import Ground, Size, lay_out
from benchmarks.reception.proofs import (
    LOST_BOOKINGS,
    LOST_CHANGES,
    ON_HELD_TIME,
    count_found,
    count_overlaps,
)
from benchmarks.reception.storm import STEPS, Client, Toll
from benchmarks.reception.weakened import drop_rules, no_locks, no_row_locks
from tests.factories import (
    make_appointment,
    make_clinic,
    make_device,
    make_employee,
    make_patient,
)
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
CLIENTS = 10
STEPS_EACH = 15
NONE = {"employees": 0, "rooms": 0, "devices": 0, "patients": 0}


def make_ground() -> Ground:
    """Little enough for everybody to be in everybody's way."""
    size = Size(doctors=3, rooms=2, patients=12, days=1, cells=3)
    return lay_out(size, first_on=date(2026, 12, 1), now=NOON)


def storm(ground: Ground) -> Toll:
    clients = [Client(ground, number, NOON) for number in range(CLIENTS)]
    tolls = run_at_once(
        [partial(client.storm, steps=STEPS_EACH, seconds=60, look_every=1) for client in clients]
    )
    whole = Toll()
    for toll in tolls:
        assert isinstance(toll, Toll), toll
        whole.add(toll)
    return whole


def test_no_storm_books_anybody_twice_or_loses_a_change() -> None:
    toll = storm(make_ground())

    assert toll.errors == []
    assert sum(toll.outcomes.values()) == CLIENTS * STEPS_EACH
    assert {name.partition(".")[0] for name in toll.outcomes} == {step.__name__ for step in STEPS}
    assert toll.overlaps == NONE
    assert count_overlaps() == NONE
    assert count_found(ON_HELD_TIME, now=toll.ended_at) == 0
    assert count_found(LOST_CHANGES) == 0
    assert count_found(LOST_BOOKINGS, keys=toll.keys) == 0


def test_control_without_locks_and_constraints_the_storm_books_twice() -> None:
    ground = make_ground()
    drop_rules()

    with no_locks():
        toll = storm(ground)

    assert toll.overlaps["employees"] > 0


@pytest.mark.parametrize("shared", NONE)
def test_control_two_who_share_something_are_found(shared: str) -> None:
    clinic = make_clinic(rooms=3)
    drop_rules()
    make_appointment(clinic, "10:00", device=make_device(clinic.branch))
    apart: dict[str, dict[str, Any]] = {
        "patients": {"patient": make_patient()},
        "employees": {"employee": make_employee()},
        "rooms": {"room": clinic.rooms[1]},
        "devices": {"device": make_device(clinic.branch)},
    }
    one = Appointment.objects.get()
    same: dict[str, Any] = {"device": one.device} if shared == "devices" else {}
    others = [fields for kind, fields in apart.items() if kind != shared]

    make_appointment(clinic, "10:15", **dict(ChainMap(same, *others)))

    assert count_overlaps() == NONE | {shared: 1}


def test_control_without_row_locks_the_storm_loses_changes() -> None:
    ground = make_ground()

    with no_row_locks():
        storm(ground)

    assert count_found(LOST_CHANGES) > 0


def test_control_a_booking_that_is_gone_is_missed() -> None:
    assert count_found(LOST_BOOKINGS, keys=["never-written"]) == 1
