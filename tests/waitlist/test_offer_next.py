"""Offering in turn: `waitlist.actions.offering` and `closing`."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from appointments.actions import book_appointment, hold_slot
from appointments.actions.holds import HoldOrder
from appointments.models import Hold
from messaging.models import Message
from outbox.models import Event
from tests.appointments.factories import make_order as make_booking
from tests.factories import make_appointment, make_clinic, make_patient
from tests.waitlist.factories import (
    CLOCK,
    NOW,
    deliver_all,
    free,
    make_entry,
    offer_all,
    the_offer,
    tick,
)
from waitlist.actions import OfferOver, close_offer_next, decline_offer, offer_next, withdraw_entry
from waitlist.models import Offer, Opening

pytestmark = pytest.mark.django_db


def test_the_first_in_line_is_asked_and_the_time_is_his_for_a_quarter_of_an_hour() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic)
    make_entry(clinic)
    free(clinic, "12:00")

    offers = offer_all()

    (offer,) = offers
    assert (offer.entry, offer.starts_at) == (entry, clinic.at("12:00"))
    assert offer.expires_at == NOW + CLOCK
    hold = Hold.objects.get(owner=offer.hold_owner)
    assert (hold.starts_at, hold.expires_at) == (offer.starts_at, offer.expires_at)
    message = Message.objects.get()
    assert (message.kind, message.send_at, message.expires_at) == (
        "slot_offer",
        NOW,
        offer.expires_at,
    )
    assert all(words in message.body for words in ("12:00", "12:15", "/w/"))


def test_nobody_waits_nothing_is_offered() -> None:
    clinic = make_clinic()
    opening = free(clinic)

    assert offer_all() == []

    opening.refresh_from_db()
    assert (opening.status, opening.look_at, opening.closed_at) == ("UNWANTED", None, NOW)
    assert not offer_next(now=NOW)


@pytest.mark.parametrize(
    ("terms", "is_offered"),
    [
        ({"weekdays": [2]}, True),  # a Tuesday
        ({"weekdays": [1, 3]}, False),
        ({"from_clock": time(12), "until_clock": time(12, 1)}, True),
        ({"from_clock": time(9), "until_clock": time(12)}, False),
        ({"from_on": date(2026, 12, 2)}, False),
        ({"until_on": date(2026, 12, 1)}, True),
        ({"until_on": date(2026, 11, 30)}, False),
        ({"position": "врач"}, True),
    ],
)
def test_only_what_was_wished_is_offered(terms: dict[str, Any], is_offered: bool) -> None:
    clinic = make_clinic()
    make_entry(clinic, **terms)
    free(clinic, "12:00")

    assert bool(offer_all()) is is_offered


def test_a_patient_who_is_elsewhere_then_is_passed_over() -> None:
    clinic, elsewhere = make_clinic(), make_clinic()
    busy = make_patient(phone="+79160000001")
    make_appointment(elsewhere, "12:00", patient=busy)
    make_entry(clinic, patient_id=busy.pk)
    entry = make_entry(clinic)
    free(clinic, "12:00")

    assert [offer.entry for offer in offer_all()] == [entry]


def test_whoever_gave_the_time_back_is_not_offered_it() -> None:
    clinic = make_clinic()
    opening = free(clinic, "12:00", patient=clinic.patient)
    make_entry(clinic, patient_id=clinic.patient.pk)

    assert offer_all() == []
    opening.refresh_from_db()
    assert opening.status == "UNWANTED"


def test_a_notice_of_the_service_is_kept() -> None:
    clinic = make_clinic(notice=timedelta(days=2))
    make_entry(clinic)
    free(clinic)

    assert offer_all() == []


def test_declined_goes_to_the_next_and_is_not_asked_again() -> None:
    clinic = make_clinic()
    first, second = make_entry(clinic), make_entry(clinic)
    free(clinic)
    (offer,) = offer_all()

    decline_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW)
    decline_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW)
    (following,) = offer_all()

    assert (offer.entry, following.entry) == (first, second)
    assert list(Hold.objects.values_list("owner", flat=True)) == [following.hold_owner]
    decline_offer(offer_id=following.pk, by_patient=True, actor_id=None, now=NOW)
    assert offer_all() == []
    assert Opening.objects.get().status == "DECLINED"
    first.refresh_from_db()
    assert first.status == "WAITING"
    assert Event.objects.filter(name="waitlist.OfferClosed").count() == 2

    free(clinic, "12:00")
    assert offer_all() == []


def test_the_clock_ends_to_the_second() -> None:
    clinic = make_clinic()
    make_entry(clinic), make_entry(clinic)
    free(clinic)
    (offer,) = offer_all()
    end = NOW + CLOCK

    assert not close_offer_next(now=end - timedelta(microseconds=1))
    with pytest.raises(OfferOver):
        decline_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=end)
    assert close_offer_next(now=end)

    offer.refresh_from_db()
    assert (offer.status, offer.answered_at) == ("EXPIRED", end)
    assert [following.entry_id for following in offer_all(now=end)] != [offer.entry_id]


def test_an_offer_that_ran_out_stands_in_nobodys_way() -> None:
    clinic = make_clinic()
    first, second = make_entry(clinic), make_entry(clinic)
    opening = free(clinic)
    offer_all()
    Opening.objects.filter(pk=opening.pk).update(look_at=NOW)

    offers = offer_all(now=NOW + CLOCK)

    assert [offer.entry for offer in offers] == [second]
    assert Offer.objects.get(entry=first).status == "EXPIRED"


@pytest.mark.parametrize(
    ("clock", "asked_at"),
    [("20:00", "20:00"), ("21:14", "21:14"), ("21:15", "08:00"), ("23:30", "08:00")],
)
def test_at_night_nobody_is_asked_and_nothing_is_held(clock: str, asked_at: str) -> None:
    clinic = make_clinic()
    make_entry(clinic)
    evening = clinic.at(clock, date(2026, 11, 30))
    free(clinic, "12:00", now=evening)

    offers = offer_all(now=evening)

    if asked_at == clock:
        assert offers[0].expires_at == evening + CLOCK
        return
    assert offers == []
    assert not Hold.objects.exists()
    morning = clinic.at(asked_at)
    assert offer_all(now=morning - timedelta(seconds=1)) == []
    (offer,) = offer_all(now=morning)
    assert (offer.offered_at, offer.expires_at) == (morning, morning + CLOCK)


def test_too_late_by_morning_is_not_offered() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    evening = clinic.at("23:00", date(2026, 11, 30))
    free(clinic, "09:00", now=evening, ends_at=clinic.at("09:10"))

    assert offer_all(now=evening) == []

    assert Opening.objects.get().status == "PASSED"


def test_whoever_cannot_be_written_to_is_passed_over() -> None:
    clinic = make_clinic()
    mute = make_entry(clinic, patient_id=make_patient().pk, since=NOW - timedelta(days=9))
    entry = make_entry(clinic)
    free(clinic)

    assert [offer.entry for offer in offer_all()] == [entry]
    assert Offer.objects.get(entry=mute).status == "UNSENT"


def test_a_text_that_was_not_sent_ends_the_offer() -> None:
    clinic = make_clinic()
    first, second = make_entry(clinic), make_entry(clinic)
    free(clinic)
    offer_all()
    first.patient.contacts.update(is_valid=False)

    tick(now=NOW, names=("outbox", "messaging.send", "waitlist"))

    assert Offer.objects.get(entry=first).status == "UNSENT"
    assert Offer.objects.get(entry=second).status == "PENDING"


def test_whoever_leaves_the_list_gives_his_offer_back() -> None:
    clinic = make_clinic()
    first, second = make_entry(clinic), make_entry(clinic)
    free(clinic)
    offer_all()

    withdraw_entry(entry_id=first.pk, reason="OTHER", actor_id=None, now=NOW)
    tick(now=NOW)

    assert Offer.objects.get(entry=first).status == "LOST"
    assert Offer.objects.get(entry=second).status == "PENDING"


def test_a_time_that_somebody_is_booking_is_offered_when_he_lets_go() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    order = HoldOrder(
        owner="user:7",
        service_id=clinic.service.pk,
        employee_id=clinic.doctor.pk,
        branch_id=clinic.branch.pk,
        starts_at=clinic.at("12:00"),
    )
    free(clinic, "12:00")
    hold_slot(order=order, actor_id=None, now=NOW)

    assert offer_all() == []
    assert Opening.objects.get().look_at == NOW + timedelta(minutes=10)

    (offer,) = offer_all(now=NOW + timedelta(minutes=10))
    assert offer.starts_at == clinic.at("12:00")


def test_a_time_booked_without_the_list_is_taken() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    free(clinic, "12:00")
    book_appointment(
        order=make_booking(clinic, "12:00", patient_id=make_patient().pk), actor_id=None, now=NOW
    )

    assert offer_all() == []
    assert Opening.objects.get().status == "TAKEN"


def test_two_short_visits_share_a_long_time() -> None:
    clinic = make_clinic()
    first, second, third = make_entry(clinic), make_entry(clinic), make_entry(clinic)
    free(clinic, "12:00", ends_at=clinic.at("13:00"))

    offers = offer_all()

    assert [(offer.entry, offer.starts_at) for offer in offers] == [
        (first, clinic.at("12:00")),
        (second, clinic.at("12:30")),
    ]
    assert not Offer.objects.filter(entry=third).exists()


def test_a_long_visit_reaches_into_the_free_time_beside() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic)
    clinic.service.duration = timedelta(minutes=90)
    clinic.service.save()
    free(clinic, "12:00", ends_at=clinic.at("12:30"))

    (offer,) = offer_all()

    assert offer.entry == entry
    assert (offer.starts_at, offer.ends_at) == (clinic.at("12:00"), clinic.at("13:30"))
    assert the_offer() == offer
    deliver_all()
