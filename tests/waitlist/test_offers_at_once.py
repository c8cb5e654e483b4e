"""One slot, one winner: many answers and workers at once, and what happens without the locks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from appointments.models import LIVE, Appointment, Hold
from appointments.queries import find_fit
from messaging.models import Message
from tests.appointments.test_booking_race import count_overlaps
from tests.factories import make_clinic
from tests.threads import PATIENCE, run_at_once
from tests.waitlist.factories import (
    CLOCK,
    NOW,
    UNTIL,
    deliver_all,
    free,
    make_entry,
    offer_all,
    the_offer,
)
from waitlist.actions import (
    OfferOver,
    WaitOrder,
    WaitTerms,
    accept_offer,
    accepting,
    close_offer_next,
    closing,
    decline_offer,
    join_waitlist,
    offer_next,
    withdraw_entry,
)
from waitlist.models import Entry, Offer, Opening

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 20


Job = Callable[[], object]


def say_yes(offer: Offer) -> Appointment:
    return accept_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW)


def say_no(offer: Offer) -> Offer:
    return decline_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW)


def test_twenty_yeses_are_one_booking() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    free(clinic)
    (offer,) = offer_all()

    results = run_at_once([partial(say_yes, offer)] * CLIENTS)

    booked = Appointment.objects.get(status__in=LIVE)
    assert results == [booked] * CLIENTS
    assert the_offer().appointment == booked


def test_yes_and_no_at_once_have_one_answer() -> None:
    for _round in range(5):
        clinic = make_clinic()
        make_entry(clinic)
        free(clinic)
        (offer,) = offer_all()

        jobs: list[Job] = [partial(say_yes, offer), partial(say_no, offer)]
        results = run_at_once(jobs * 4)

        offer.refresh_from_db()
        booked = Appointment.objects.filter(patient=offer.entry.patient_id, status__in=LIVE)
        assert booked.count() == (1 if offer.status == "ACCEPTED" else 0)
        assert all(isinstance(result, Appointment | Offer | OfferOver) for result in results), (
            results
        )


def test_many_workers_ask_one_person_once() -> None:
    clinic = make_clinic()
    for _number in range(5):
        make_entry(clinic)
    free(clinic)

    results = run_at_once([partial(offer_next, now=NOW)] * CLIENTS)

    assert all(isinstance(result, bool) for result in results), results
    assert Offer.objects.filter(status="PENDING").count() == 1
    assert Message.objects.count() == 1
    assert Hold.objects.count() == 1


def test_many_workers_and_many_freed_times_are_no_deadlock() -> None:
    clinic = make_clinic()
    for _number in range(8):
        make_entry(clinic)
    for hour in range(10, 17):
        free(clinic, f"{hour}:00")

    def work() -> bool:
        return offer_next(now=NOW) or close_offer_next(now=NOW)

    results = run_at_once([work] * CLIENTS)
    offers = offer_all()

    assert all(isinstance(result, bool) for result in results), results
    assert len(offers) == 7
    assert len({offer.entry_id for offer in offers}) == 7
    assert len({offer.starts_at for offer in offers}) == 7


def test_a_storm_of_answers_leaves_each_time_with_one_winner() -> None:
    clinic = make_clinic()
    entries = [make_entry(clinic) for _number in range(12)]
    for hour in range(10, 17):
        free(clinic, f"{hour}:00")
    offers = offer_all()

    def work() -> bool:
        return offer_next(now=NOW) or close_offer_next(now=NOW)

    def leave(entry: Entry) -> Entry:
        return withdraw_entry(entry_id=entry.pk, reason="OTHER", actor_id=None, now=NOW)

    jobs: list[Job] = [
        *(partial(say_yes, offer) for offer in offers),
        *(partial(say_no, offer) for offer in offers[::2]),
        *(partial(leave, offer.entry) for offer in offers[::3]),
        *[work] * 8,
        *(partial(leave, entry) for entry in entries[-2:]),
    ]
    results = run_at_once(jobs)
    while offer_next(now=NOW) or close_offer_next(now=NOW):
        pass

    unexpected = [
        result
        for result in results
        if isinstance(result, Exception) and not hasattr(result, "code")
    ]
    assert unexpected == []
    assert count_overlaps() == 0
    winners = Offer.objects.filter(status="ACCEPTED")
    booked = Appointment.objects.filter(status__in=LIVE)
    assert {offer.appointment_id for offer in winners} == {visit.pk for visit in booked}
    assert len({offer.starts_at for offer in winners}) == winners.count()


def test_the_clock_and_the_answer_meet() -> None:
    """At its last instant an offer is either taken or over, never both."""
    clinic = make_clinic()
    make_entry(clinic), make_entry(clinic)
    free(clinic)
    (offer,) = offer_all()

    jobs: list[Job] = [partial(say_yes, offer), partial(close_offer_next, now=NOW + CLOCK)]
    run_at_once(jobs * 6)

    offer.refresh_from_db()
    booked = Appointment.objects.filter(status__in=LIVE).count()
    assert (offer.status, booked) in {("ACCEPTED", 1), ("EXPIRED", 0)}


def test_a_form_sent_twenty_times_is_one_wish() -> None:
    clinic = make_clinic()
    from_one = make_entry(clinic)
    withdraw_entry(entry_id=from_one.pk, reason="OTHER", actor_id=None, now=NOW)
    order = partial(_join, from_one)

    results = run_at_once([order] * CLIENTS)

    assert len({getattr(result, "pk", result) for result in results}) == 1, results
    assert Entry.objects.filter(status="WAITING").count() == 1


def _join(entry: Entry) -> Entry:
    order = WaitOrder(
        patient_id=entry.patient_id,
        service_id=entry.service_id,
        terms=WaitTerms(until_on=UNTIL),
        key="one-form",
    )
    return join_waitlist(order=order, actor_id=None, now=NOW)


@contextmanager
def no_rules() -> Iterator[None]:
    """The database lets two be booked at one time; its rules are put back afterwards."""
    names = ["appointment_one_per_employee", "appointment_one_per_room"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)",
            [names],
        )
        rules = cursor.fetchall()
        for name, _rule in rules:
            cursor.execute(f"ALTER TABLE appointments_appointment DROP CONSTRAINT {name}")
        cursor.execute("ALTER TABLE waitlist_offer DROP CONSTRAINT offer_one_per_time")
    yield


def test_control_without_locks_holds_and_rules_one_time_has_two_winners(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two offers for one time, which holds forbid; both are taken once nothing is in the way."""
    clinic = make_clinic()
    make_entry(clinic), make_entry(clinic)
    opening = free(clinic, "12:00")
    (first,) = offer_all()
    everybody_looked = Barrier(2, timeout=PATIENCE)

    with no_rules():
        Hold.objects.all().delete()
        Opening.objects.filter(pk=opening.pk).update(look_at=NOW)
        second = Offer.objects.create(
            opening=opening,
            entry=Entry.objects.exclude(pk=first.entry_id).get(),
            employee=clinic.doctor,
            branch=clinic.branch,
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            price=0,
            offered_at=NOW,
            expires_at=NOW + CLOCK,
        )
        switch_locks_off(monkeypatch, everybody_looked)

        results = run_at_once([partial(say_yes, first), partial(say_yes, second)])

        assert all(isinstance(result, Appointment) for result in results), results
        assert count_overlaps() == 1


def test_of_two_offers_for_one_time_the_locks_alone_let_one_win() -> None:
    clinic = make_clinic()
    make_entry(clinic), make_entry(clinic)
    opening = free(clinic, "12:00")
    (first,) = offer_all()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE waitlist_offer DROP CONSTRAINT offer_one_per_time")
    Hold.objects.all().delete()
    second = Offer.objects.create(
        opening=opening,
        entry=Entry.objects.exclude(pk=first.entry_id).get(),
        employee=clinic.doctor,
        branch=clinic.branch,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        price=0,
        offered_at=NOW,
        expires_at=NOW + CLOCK,
    )

    run_at_once([partial(say_yes, first), partial(say_yes, second)])

    assert Appointment.objects.filter(status__in=LIVE).count() == 1
    assert Offer.objects.filter(status="ACCEPTED").count() == 1
    deliver_all()


def switch_locks_off(monkeypatch: pytest.MonkeyPatch, everybody_looked: Barrier) -> None:
    """Nobody waits for anybody, and both look before either writes."""

    def look_and_wait(**asked: object) -> object:
        found = find_fit(**asked)  # type: ignore[arg-type]
        everybody_looked.wait()
        return found

    monkeypatch.setattr(accepting, "lock_resources", lambda **_resources: None)
    monkeypatch.setattr(closing, "lock_diary", lambda **_diary: None)
    monkeypatch.setattr("appointments.actions.booking.lock_resources", lambda **_resources: None)
    monkeypatch.setattr("appointments.actions.booking.find_fit", look_and_wait)
