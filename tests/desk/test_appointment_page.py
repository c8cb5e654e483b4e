from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment
from outbox.models import Event
from patients.models import AccessEntry
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_shift,
)


def post(desk: Client, step: str, made: Appointment, **fields: object) -> int:
    address = reverse(f"desk:appointment_{step}", args=[made.pk])
    return desk.post(address, fields, headers={"HX-Request": "true"}).status_code


def test_the_dialog_shows_the_appointment_and_is_journalled(desk: Client, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", note="после УЗИ")

    page = desk.get(reverse("desk:appointment", args=[made.pk])).content.decode()

    for text in (
        clinic.patient.full_name,
        "+7 916 123-45-67",
        "10:00–10:30",
        "вторник, 1 декабря",
        clinic.doctor.full_name,
        clinic.service.name,
        "2 500,00",
        "после УЗИ",
        "не подтверждена",
    ):
        assert text in page.replace("\xa0", " ").replace("\u202f", " ")
    entry = AccessEntry.objects.get()
    assert (entry.patient, entry.place) == (clinic.patient, "desk:appointment")


def test_dragging_moves_and_can_be_undone(desk: Client, clinic: Clinic) -> None:
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)
    made = make_appointment(clinic, "10:00", status="CONFIRMED")
    drop = {"on": "2026-12-01", "clock": "12:15", "employee": colleague.pk, "version": 1}

    status = post(desk, "move", made, **drop)
    made.refresh_from_db()
    moved = (made.starts_at, made.employee)
    undone = desk.post(reverse("desk:appointment_undo_move", args=[made.pk, made.version]))

    assert (status, undone.status_code) == (204, 204)
    assert moved == (clinic.at("12:15"), colleague)
    made.refresh_from_db()
    assert (made.starts_at, made.employee) == (clinic.at("10:00"), clinic.doctor)
    assert made.status == "CONFIRMED"


def test_a_refused_drag_offers_the_nearest_times(desk: Client, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    make_appointment(clinic, "12:00", patient=make_patient())
    drop = {"on": "2026-12-01", "clock": "12:00", "employee": clinic.doctor.pk, "version": 1}

    response = desk.post(reverse("desk:appointment_move", args=[made.pk]), drop)

    assert response.status_code == 409
    assert response.context["alternatives"]
    made.refresh_from_db()
    assert (made.starts_at, made.version) == (clinic.at("10:00"), 1)
    assert not Event.objects.exists()


def test_a_stale_drag_is_told_and_changes_nothing(desk: Client, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", version=3)
    drop = {"on": "2026-12-01", "clock": "12:00", "employee": clinic.doctor.pk, "version": 2}

    response = desk.post(
        reverse("desk:appointment_move", args=[made.pk]), drop, headers={"HX-Request": "true"}
    )

    assert response.status_code == 204
    assert "appointments-changed" in response["HX-Trigger"]
    assert "toasts" in response["HX-Trigger"]
    made.refresh_from_db()
    assert made.starts_at == clinic.at("10:00")


def test_the_dialog_of_moving_offers_free_times(desk: Client, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")

    response = desk.get(reverse("desk:appointment_move", args=[made.pk]), {"on": "2026-12-01"})

    clocks = [f"{offer.clock:%H:%M}" for offer in response.context["offers"].of_day]
    assert clocks[:3] == ["09:00", "09:30", "10:30"]


def test_cancelling_asks_for_a_reason(desk: Client, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")

    asked = post(desk, "cancel", made)
    unchanged = Appointment.objects.get(pk=made.pk).status
    answered = post(desk, "cancel", made, reason="ILLNESS")

    assert (asked, unchanged, answered) == (422, "BOOKED", 204)
    made.refresh_from_db()
    assert (made.status, made.cancel_reason) == ("CANCELLED", "ILLNESS")


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        ("BOOKED", "confirm", "CONFIRMED"),
        ("BOOKED", "arrive", "ARRIVED"),
        ("CONFIRMED", "arrive", "ARRIVED"),
        ("ARRIVED", "start", "IN_PROGRESS"),
        ("CONFIRMED", "restore", "BOOKED"),
        ("NO_SHOW", "restore", "BOOKED"),
        ("BOOKED", "unbook", "CANCELLED"),
    ],
)
def test_reception_takes_a_step(
    desk: Client, clinic: Clinic, before: str, step: str, after: str
) -> None:
    made = make_appointment(clinic, "10:00", status="BOOKED")
    if before == "ARRIVED":
        post(desk, "arrive", made)
    else:
        Appointment.objects.filter(pk=made.pk).update(status=before)

    assert post(desk, step, made) == 204
    made.refresh_from_db()
    assert made.status == after


def test_who_did_not_come_is_marked_after_the_start(desk: Client, clinic: Clinic) -> None:
    early, late = make_appointment(clinic, "10:00"), make_appointment(clinic, "08:00")

    assert [post(desk, "miss", made) for made in (early, late)] == [204, 204]
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.status, late.status) == ("BOOKED", "NO_SHOW")


def test_a_refused_step_is_told_and_changes_nothing(desk: Client, clinic: Clinic) -> None:
    made = make_appointment(clinic, on=DAY + timedelta(days=1))
    address = reverse("desk:appointment_arrive", args=[made.pk])

    response = desk.post(address, headers={"HX-Request": "true"})

    assert "toasts" in response["HX-Trigger"]
    made.refresh_from_db()
    assert (made.status, made.version) == ("BOOKED", 1)
    assert not Event.objects.exists()


@pytest.mark.parametrize("step", ["confirm", "restore", "unbook", "arrive", "start", "miss"])
def test_looking_changes_nothing(desk: Client, clinic: Clinic, step: str) -> None:
    made = make_appointment(clinic, "08:00")

    response = desk.get(reverse(f"desk:appointment_{step}", args=[made.pk]))

    assert response.status_code == 405
    made.refresh_from_db()
    assert (made.status, made.version) == ("BOOKED", 1)


def test_services_of_one_visit_are_told_moved_and_cancelled_together(
    desk: Client, clinic: Clinic
) -> None:
    bundle = uuid4()
    first = make_appointment(clinic, "12:00", bundle=bundle)
    second = make_appointment(clinic, "12:30", bundle=bundle)
    to = {"employee": clinic.doctor.pk, "on": "2026-12-01", "clock": "15:00", "version": 1}

    page = desk.get(reverse("desk:appointment", args=[first.pk])).content.decode()
    desk.post(reverse("desk:appointment_move", args=[first.pk]), to | {"whole": "1"})
    first.refresh_from_db()
    second.refresh_from_db()
    cancel = reverse("desk:appointment_cancel", args=[second.pk])
    asked = desk.get(cancel).content.decode()
    desk.post(cancel, {"reason": "ILLNESS", "whole": "1"})

    assert "В том же визите" in page
    assert (first.starts_at, second.starts_at) == (clinic.at("15:00"), clinic.at("15:30"))
    assert "Отменить весь визит" in asked
    assert set(Appointment.objects.values_list("status", flat=True)) == {"CANCELLED"}
