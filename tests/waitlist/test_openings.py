"""Which events free a time: `waitlist.actions.openings`, through the handlers."""

from datetime import date, timedelta

import pytest

from appointments.actions import mark_no_show, move_appointment, restore_appointment
from appointments.models import Appointment
from clinic.events import ShiftAdded, TimeOffRemoved
from outbox.actions import record_event
from tests.factories import Clinic, make_appointment, make_clinic, make_patient, make_shift
from tests.waitlist.factories import (
    NOW,
    cancel,
    deliver_all,
    free,
    make_entry,
    offer_all,
)
from waitlist.models import Cause, Opening

pytestmark = pytest.mark.django_db


def move(visit: Appointment, clinic: Clinic, clock: str) -> None:
    move_appointment(
        appointment_id=visit.pk,
        starts_at=clinic.at(clock),
        version=visit.version,
        actor_id=None,
        now=NOW,
    )
    deliver_all()


def test_a_cancelled_visit_frees_its_time() -> None:
    clinic = make_clinic()

    opening = free(clinic, "12:00")

    assert (opening.starts_at, opening.ends_at) == (clinic.at("12:00"), clinic.at("12:30"))
    assert (opening.cause, opening.status) == (Cause.CANCELLED, "OPEN")
    assert (opening.price, opening.freed_at) == (clinic.service.price, NOW)


def test_a_moved_visit_frees_what_it_leaves() -> None:
    clinic = make_clinic(duration=timedelta(hours=1))
    visit = make_appointment(clinic, "12:00")

    move(visit, clinic, "12:30")

    opening = Opening.objects.get()
    assert (opening.starts_at, opening.ends_at) == (clinic.at("12:00"), clinic.at("12:30"))
    assert opening.cause == Cause.MOVED


def test_a_move_by_five_minutes_frees_nothing() -> None:
    clinic = make_clinic()
    visit = make_appointment(clinic, "12:00")

    move(visit, clinic, "12:05")

    assert not Opening.objects.exists()


@pytest.mark.parametrize(
    ("reason", "hours_ago", "count"),
    [("DOCTOR_ABSENT", 48, 0), ("MISTAKE", 0, 0), ("MISTAKE", 48, 1), ("EXPENSIVE", 0, 1)],
)
def test_what_a_reason_says_about_the_time(reason: str, hours_ago: int, count: int) -> None:
    clinic = make_clinic()
    visit = make_appointment(clinic, created_at=NOW - timedelta(hours=hours_ago))

    cancel(visit, reason=reason)

    assert Opening.objects.count() == count


def test_nothing_is_freed_in_the_past_nor_too_near_to_come() -> None:
    clinic = make_clinic()
    last = clinic.at("12:30") - timedelta(minutes=75)

    for now in (clinic.at("12:15"), clinic.at("13:00"), last):
        cancel(make_appointment(clinic, "12:00", patient=make_patient()), now=now)
    assert not Opening.objects.exists()

    cancel(make_appointment(clinic, "12:00"), now=last - timedelta(seconds=1))
    assert Opening.objects.count() == 1


def test_a_no_show_frees_nothing() -> None:
    clinic = make_clinic()
    visit = make_appointment(clinic, "12:00")

    mark_no_show(appointment_id=visit.pk, actor_id=None, now=clinic.at("12:10"))
    deliver_all(now=clinic.at("12:10"))

    assert not Opening.objects.exists()


def test_a_time_freed_twice_is_one_opening() -> None:
    clinic = make_clinic()
    opening = free(clinic, "12:00")

    visit = Appointment.objects.get()
    restore_appointment(appointment_id=visit.pk, actor_id=None, now=NOW)
    cancel(visit, now=NOW + timedelta(minutes=1))

    assert Opening.objects.get() == opening


def add_shift(clinic: Clinic) -> None:
    on = date(2026, 12, 2)
    shift = make_shift(clinic.doctor, clinic.branch, "09:00", "12:00", on)
    fact = ShiftAdded(
        patient_id=None,
        employee_id=clinic.doctor.pk,
        shift_id=shift.pk,
        branch_id=clinic.branch.pk,
        starts_at=shift.starts_at.isoformat(),
        ends_at=shift.ends_at.isoformat(),
    )
    record_event(fact, actor_id=None, now=NOW)
    deliver_all()


def test_a_new_shift_is_offered_only_when_somebody_waits() -> None:
    clinic = make_clinic()
    add_shift(clinic)
    assert not Opening.objects.exists()

    first, second = make_entry(clinic), make_entry(clinic)
    Opening.objects.all().delete()
    clinic.doctor.shifts.filter(starts_at__gte=clinic.at("00:00", date(2026, 12, 2))).delete()
    add_shift(clinic)
    offers = offer_all()

    opening = Opening.objects.get()
    assert (opening.cause, opening.price) == (Cause.SHIFT, None)
    assert [offer.entry for offer in offers] == [first, second]
    assert [offer.starts_at for offer in offers] == [
        clinic.at("09:00", date(2026, 12, 2)),
        clinic.at("09:30", date(2026, 12, 2)),
    ]


def test_an_absence_called_off_gives_the_shift_back() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    fact = TimeOffRemoved(
        patient_id=None,
        employee_id=clinic.doctor.pk,
        time_off_id=1,
        kind="VACATION",
        starts_at=clinic.at("16:00").isoformat(),
        ends_at=clinic.at("20:00").isoformat(),
    )
    record_event(fact, actor_id=None, now=NOW)
    deliver_all()

    opening = Opening.objects.get()
    assert (opening.starts_at, opening.ends_at) == (clinic.at("16:00"), clinic.at("18:00"))
    assert opening.cause == Cause.RETURNED
