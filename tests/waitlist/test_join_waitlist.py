"""Coming onto the list and off it: `waitlist.actions.entries`."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from appointments.actions import DeskOnly, NotUpcoming, ServiceNotOffered, book_appointment
from outbox.errors import Refused
from outbox.models import Event
from tests.appointments.factories import make_order as make_booking
from tests.factories import make_appointment, make_clinic, make_employee, make_service
from tests.waitlist.factories import NOW, UNTIL, cancel, deliver_all, make_entry, make_order
from waitlist.actions import (
    AlreadyWaiting,
    NotOnList,
    TermOver,
    WaitTerms,
    WrongTimes,
    WrongVisit,
    change_entry,
    expire_entry_next,
    join_waitlist,
    resume_entry,
    withdraw_entry,
)
from waitlist.models import Entry, EntryStatus, Origin

pytestmark = pytest.mark.django_db


def test_a_patient_comes_onto_the_list() -> None:
    clinic = make_clinic()
    order = make_order(
        clinic,
        employee_id=clinic.doctor.pk,
        branch_ids=[clinic.branch.pk],
        weekdays=[5, 1, 1],
        from_clock=time(9),
        until_clock=time(13),
        note="только утром",
    )

    entry = join_waitlist(order=order, actor_id=None, now=NOW)

    entry.refresh_from_db()
    assert (entry.status, entry.employee_id, entry.weekdays) == (
        "WAITING",
        clinic.doctor.pk,
        [1, 5],
    )
    assert (entry.from_clock, entry.until_clock) == (time(9), time(13))
    assert [branch.pk for branch in entry.branches.all()] == [clinic.branch.pk]
    assert Event.objects.filter(name="waitlist.WaitBegan", patient_id=entry.patient_id).count() == 1


def test_the_same_key_is_the_same_entry() -> None:
    clinic = make_clinic()
    order = make_order(clinic)
    first = join_waitlist(order=order, actor_id=None, now=NOW)

    again = join_waitlist(order=order, actor_id=None, now=NOW + timedelta(hours=1))

    assert again.pk == first.pk
    assert Entry.objects.count() == 1


def test_a_patient_waits_once_for_a_service() -> None:
    clinic = make_clinic()
    first = make_entry(clinic, patient_id=clinic.patient.pk)

    with pytest.raises(AlreadyWaiting) as refusal:
        make_entry(clinic, patient_id=clinic.patient.pk)

    assert refusal.value.details == {"entry_id": first.pk}
    assert Entry.objects.count() == 1


def test_the_database_lets_nobody_wait_twice() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic)
    entry.pk, entry.key = None, "another"

    with pytest.raises(IntegrityError, match="entry_waits_once"), transaction.atomic():
        entry.save()


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"until_on": date(2026, 11, 29)}, TermOver),
        ({"until_on": date(2028, 1, 1)}, TermOver),
        ({"from_on": date(2026, 12, 21)}, WrongTimes),
        ({"from_clock": time(12), "until_clock": time(12)}, WrongTimes),
        ({"weekdays": [0]}, WrongTimes),
        ({"weekdays": [8]}, WrongTimes),
        ({"position": "астроном"}, ServiceNotOffered),
        ({"employee_id": 999_999}, ServiceNotOffered),
    ],
)
def test_what_never_comes_is_refused(fields: dict[str, Any], refusal: type[Refused]) -> None:
    clinic = make_clinic()

    with pytest.raises(refusal):
        make_entry(clinic, **fields)

    assert not Entry.objects.exists()


def test_a_patient_does_not_ask_for_what_reception_books() -> None:
    clinic = make_clinic(is_online=False)

    with pytest.raises(DeskOnly):
        make_entry(clinic, origin=Origin.ONLINE)

    assert make_entry(clinic, origin=Origin.DESK).status == "WAITING"


def test_earlier_than_a_visit_of_ones_own_for_the_same_service() -> None:
    clinic = make_clinic()
    visit = make_appointment(clinic)
    over = make_appointment(clinic, "12:00", status="NO_SHOW")
    other = make_service()
    make_employee(services=[other])

    with pytest.raises(WrongVisit):
        make_entry(clinic, earlier_than_id=visit.pk)
    with pytest.raises(WrongVisit):
        make_entry(
            clinic, patient_id=clinic.patient.pk, service_id=other.pk, earlier_than_id=visit.pk
        )
    with pytest.raises(NotUpcoming):
        make_entry(clinic, patient_id=clinic.patient.pk, earlier_than_id=over.pk)

    entry = make_entry(clinic, patient_id=clinic.patient.pk, earlier_than_id=visit.pk)
    assert entry.earlier_than == visit


def test_a_wish_is_changed_and_keeps_its_place() -> None:
    entry = make_entry(make_clinic(), since=NOW - timedelta(days=5))
    terms = WaitTerms(until_on=UNTIL + timedelta(days=1), weekdays=[2])

    change_entry(entry_id=entry.pk, terms=terms, actor_id=None, now=NOW)

    entry.refresh_from_db()
    assert (entry.weekdays, entry.created_at) == ([2], NOW - timedelta(days=5))


def test_off_the_list_with_a_reason_and_back() -> None:
    entry = make_entry(make_clinic())

    withdraw_entry(entry_id=entry.pk, reason="NO_ANSWER", actor_id=None, now=NOW)
    withdraw_entry(entry_id=entry.pk, reason="OTHER", actor_id=None, now=NOW)
    entry.refresh_from_db()
    assert (entry.status, entry.end_reason, entry.ended_at) == ("WITHDRAWN", "NO_ANSWER", NOW)
    with pytest.raises(NotOnList):
        change_entry(entry_id=entry.pk, terms=WaitTerms(until_on=UNTIL), actor_id=None, now=NOW)

    resume_entry(entry_id=entry.pk, actor_id=None, now=NOW)
    entry.refresh_from_db()
    assert (entry.status, entry.end_reason, entry.ended_at) == ("WAITING", "", None)


def test_nobody_comes_back_beside_another_wish_or_after_his_term() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic, patient_id=clinic.patient.pk)
    withdraw_entry(entry_id=entry.pk, reason="OTHER", actor_id=None, now=NOW)
    with pytest.raises(TermOver):
        resume_entry(entry_id=entry.pk, actor_id=None, now=NOW + timedelta(days=60))
    make_entry(clinic, patient_id=clinic.patient.pk)

    with pytest.raises(AlreadyWaiting):
        resume_entry(entry_id=entry.pk, actor_id=None, now=NOW)


def test_a_booking_of_the_service_ends_the_wait() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic, patient_id=clinic.patient.pk)
    other = make_entry(clinic)

    booked = book_appointment(order=make_booking(clinic), actor_id=None, now=NOW)
    deliver_all()

    entry.refresh_from_db()
    other.refresh_from_db()
    assert (entry.status, entry.appointment_id) == ("BOOKED", booked.pk)
    assert other.status == "WAITING"


def test_a_later_booking_does_not_content_who_wants_to_come_earlier() -> None:
    clinic = make_clinic()
    visit = make_appointment(clinic, "12:00")
    entry = make_entry(clinic, patient_id=clinic.patient.pk, earlier_than_id=visit.pk)

    book_appointment(order=make_booking(clinic, "15:00"), actor_id=None, now=NOW)
    deliver_all()
    entry.refresh_from_db()
    assert entry.status == "WAITING"

    book_appointment(order=make_booking(clinic, "10:00"), actor_id=None, now=NOW)
    deliver_all()
    entry.refresh_from_db()
    assert entry.status == "BOOKED"


def test_a_booking_by_mistake_gives_the_place_back() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic, patient_id=clinic.patient.pk)
    booked = book_appointment(order=make_booking(clinic), actor_id=None, now=NOW)
    deliver_all()

    cancel(booked, reason="MISTAKE")

    entry.refresh_from_db()
    assert (entry.status, entry.appointment) == ("WAITING", None)


@pytest.mark.parametrize(
    ("reason", "status", "is_tied"),
    [("ILLNESS", "WITHDRAWN", True), ("DOCTOR_ABSENT", "WAITING", False)],
)
def test_earlier_than_a_visit_that_is_gone(reason: str, status: str, is_tied: bool) -> None:
    clinic = make_clinic()
    visit = make_appointment(clinic)
    entry = make_entry(clinic, patient_id=clinic.patient.pk, earlier_than_id=visit.pk)

    cancel(visit, reason=reason)

    entry.refresh_from_db()
    assert (entry.status, entry.earlier_than_id is not None) == (status, is_tied)


def test_the_last_day_counts_whole() -> None:
    entry = make_entry(make_clinic())
    midnight = NOW.replace(month=12, day=20, hour=21)  # in Moscow it is the 21st

    assert not expire_entry_next(now=midnight - timedelta(seconds=1))
    assert expire_entry_next(now=midnight)
    assert not expire_entry_next(now=midnight)

    entry.refresh_from_db()
    assert (entry.status, entry.ended_at) == (EntryStatus.EXPIRED, midnight)


def test_a_visit_that_has_begun_is_not_to_be_earlier() -> None:
    clinic = make_clinic()
    visit = make_appointment(clinic)
    entry = make_entry(clinic, patient_id=clinic.patient.pk, earlier_than_id=visit.pk)

    assert expire_entry_next(now=visit.starts_at)

    entry.refresh_from_db()
    assert entry.status == "EXPIRED"
