"""Taking an offered time: `waitlist.actions.accepting`."""

from datetime import timedelta

import pytest

from appointments.actions import PatientBusy, cancel_appointment
from appointments.models import Appointment, Hold
from appointments.queries import Slot
from outbox.models import Event
from tests.factories import (
    Clinic,
    make_appointment,
    make_branch,
    make_clinic,
    make_patient,
    make_shift,
)
from tests.waitlist.factories import (
    CLOCK,
    NOW,
    deliver_all,
    free,
    make_entry,
    offer_all,
    the_offer,
)
from waitlist.actions import NotOnList, OfferOver, accept_offer, decline_offer, take_free_slot
from waitlist.models import Entry, Offer, Opening

pytestmark = pytest.mark.django_db


def accept(offer: Offer, *, now: object = NOW, by_patient: bool = True) -> Appointment:
    return accept_offer(
        offer_id=offer.pk,
        by_patient=by_patient,
        actor_id=None,
        now=now,  # type: ignore[arg-type]
    )


def wait_to_be_earlier(clinic: Clinic, clock: str = "16:00") -> tuple[Entry, Appointment]:
    patient = make_patient(phone="+79165550000")
    visit = make_appointment(clinic, clock, patient=patient)
    return make_entry(clinic, patient_id=patient.pk, earlier_than_id=visit.pk), visit


def test_the_time_is_booked_and_the_wait_is_over() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic)
    opening = free(clinic, "12:00")
    (offer,) = offer_all()

    booked = accept(offer)
    deliver_all()
    offer_all()

    assert (booked.patient_id, booked.starts_at) == (entry.patient_id, clinic.at("12:00"))
    offer.refresh_from_db()
    entry.refresh_from_db()
    opening.refresh_from_db()
    assert (offer.status, offer.appointment, offer.by_patient) == ("ACCEPTED", booked, True)
    assert (entry.status, entry.appointment) == ("BOOKED", booked)
    assert opening.status == "FILLED"
    assert not Hold.objects.exists()
    assert Event.objects.filter(name="waitlist.OfferAccepted").count() == 1


def test_accepted_twice_is_one_booking() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    free(clinic)
    (offer,) = offer_all()

    assert accept(offer) == accept(offer, now=NOW + timedelta(hours=1))
    assert Appointment.objects.exclude(status="CANCELLED").count() == 1


def test_the_last_moment_counts_and_the_next_does_not() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    free(clinic)
    (offer,) = offer_all()

    with pytest.raises(OfferOver):
        accept(offer, now=NOW + CLOCK)
    assert not Appointment.objects.exclude(status="CANCELLED").exists()
    offer.refresh_from_db()
    assert offer.status == "PENDING"

    booked = accept(offer, now=NOW + CLOCK - timedelta(microseconds=1))
    assert booked.starts_at == offer.starts_at


def test_said_no_is_not_taken_back() -> None:
    clinic = make_clinic()
    make_entry(clinic)
    free(clinic)
    (offer,) = offer_all()
    decline_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW)

    with pytest.raises(OfferOver):
        accept(offer)

    accepted = Offer.objects.filter(status="ACCEPTED")
    assert not accepted.exists()


def test_the_visit_comes_forward_and_its_old_time_is_offered_on() -> None:
    clinic = make_clinic()
    entry, visit = wait_to_be_earlier(clinic)
    second = make_entry(clinic)
    free(clinic, "12:00")
    (offer,) = offer_all()
    assert offer.entry == second  # a mover's visit is worth half
    decline_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW)
    (offer,) = offer_all()
    assert offer.entry == entry

    moved = accept(offer)
    deliver_all()

    visit.refresh_from_db()
    assert (moved.pk, visit.starts_at, visit.status) == (visit.pk, clinic.at("12:00"), "BOOKED")
    left = Opening.objects.get(cause="MOVED")
    assert left.starts_at == clinic.at("16:00")
    (following,) = offer_all()
    assert (following.entry, following.starts_at) == (second, clinic.at("16:00"))
    assert Event.objects.get(name="waitlist.OfferAccepted").payload["moved"] is True


def test_at_another_branch_he_is_booked_anew_and_the_old_booking_is_freed() -> None:
    clinic = make_clinic()
    entry, visit = wait_to_be_earlier(clinic)
    branch = make_branch()
    clinic.doctor.branches.add(branch)
    clinic.doctor.shifts.all().delete()
    clinic.service.rooms.clear()
    make_shift(clinic.doctor, branch, "09:00", "14:00")
    free(clinic, "12:00", branch=branch, room=None)
    (offer,) = offer_all()
    assert (offer.entry, offer.branch) == (entry, branch)

    booked = accept(offer)
    deliver_all()

    visit.refresh_from_db()
    assert (booked.branch, booked.starts_at) == (branch, clinic.at("12:00"))
    assert (visit.status, visit.cancel_reason) == ("CANCELLED", "PATIENT_ASKED")
    assert Opening.objects.filter(appointment=visit, cause="CANCELLED").exists()
    entry.refresh_from_db()
    assert entry.status == "BOOKED"


def test_a_patient_who_is_booked_elsewhere_by_now_is_told() -> None:
    clinic, elsewhere = make_clinic(), make_clinic()
    entry = make_entry(clinic)
    free(clinic, "12:00")
    (offer,) = offer_all()
    make_appointment(elsewhere, "12:00", patient=entry.patient)

    with pytest.raises(PatientBusy):
        accept(offer)

    offer.refresh_from_db()
    assert offer.status == "PENDING"
    assert Hold.objects.filter(owner=offer.hold_owner).exists()


def test_another_time_is_taken_from_the_page() -> None:
    clinic = make_clinic()
    entry = make_entry(clinic)
    slot = Slot(
        employee_id=clinic.doctor.pk,
        branch_id=clinic.branch.pk,
        room_id=None,
        starts_at=clinic.at("15:00"),
        ends_at=clinic.at("15:30"),
    )

    booked = take_free_slot(entry_id=entry.pk, slot=slot, key="k", actor_id=None, now=NOW)

    entry.refresh_from_db()
    assert (booked.starts_at, entry.status, entry.appointment) == (slot.starts_at, "BOOKED", booked)
    with pytest.raises(NotOnList):
        take_free_slot(entry_id=entry.pk, slot=slot, key="k", actor_id=None, now=NOW)


def test_the_visit_to_be_earlier_than_was_cancelled_meanwhile() -> None:
    clinic = make_clinic()
    entry, visit = wait_to_be_earlier(clinic)
    free(clinic, "12:00")
    (offer,) = offer_all()
    cancel_appointment(
        appointment_id=visit.pk, reason="OTHER", by_patient=True, actor_id=None, now=NOW
    )

    booked = accept(offer)

    assert booked.pk != visit.pk
    assert the_offer().appointment == booked
    entry.refresh_from_db()
    assert entry.status == "BOOKED"
