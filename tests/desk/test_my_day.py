import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment, Visit
from clinic.models import Employee, User
from tests.factories import DAY, Clinic, make_appointment, make_clinic, make_patient
from tests.prescriptions.factories import make_line

TOMORROW = DAY + timedelta(days=1)

pytestmark = pytest.mark.usefixtures("morning")


@pytest.fixture
def clinic(dmitry: User) -> Clinic:
    """Where Dmitry is the doctor."""
    me = Employee.objects.get(user=dmitry)
    made = make_clinic(branch=me.branches.get())
    return Clinic(made.branch, made.rooms, made.service, me, made.patient)


@pytest.fixture
def doctor(client_for: Callable[[User], Client], dmitry: User) -> Client:
    return client_for(dmitry)


def page(client: Client, query: str = "") -> str:
    return client.get(reverse("desk:my_day") + query).content.decode()


def tap(client: Client, name: str, appointment: Appointment) -> str:
    """Tap a button and return the note that the page then shows."""
    answer = client.post(
        reverse(f"desk:{name}", args=[appointment.pk]), headers={"HX-Request": "true"}
    )
    told = json.loads(answer.headers["HX-Trigger"])
    return " ".join(note["text"] for note in told.get("toasts", {}).get("notes", []))


def test_the_day_is_in_order_and_only_the_doctors_own(clinic: Clinic, doctor: Client) -> None:
    other = make_clinic(branch=clinic.branch)
    late = make_patient(last_name="Поздняя")
    make_appointment(clinic, clock="15:00", patient=late)
    make_appointment(clinic, clock="09:00")
    cancelled = make_patient(last_name="Отменова")
    make_appointment(
        clinic,
        clock="11:00",
        patient=cancelled,
        status="CANCELLED",
        cancel_reason="ILLNESS",
    )
    stranger = make_patient(last_name="Чужая")
    make_appointment(other, clock="12:00", patient=stranger)

    html = page(doctor)

    assert html.index(clinic.patient.full_name) < html.index("Поздняя")
    assert "Отменова" not in html
    assert "Чужая" not in html
    assert "2 пациента" in html


def test_the_page_costs_few_queries(
    clinic: Clinic, doctor: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for hour in range(9, 17):
        patient = make_patient()
        make_appointment(clinic, clock=f"{hour:02}:00", patient=patient)
        make_line(clinic, patient_id=patient.pk)
    page(doctor)

    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]  # a context manager
        page(doctor)


def test_one_tap_starts_and_one_finishes(clinic: Clinic, doctor: Client) -> None:
    appointment = make_appointment(clinic, clock="10:00")
    assert "Начать" in page(doctor)

    tap(doctor, "my_day_start", appointment)
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.IN_PROGRESS
    assert "Завершить" in page(doctor)

    said = tap(doctor, "my_day_finish", appointment)
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.DONE
    assert "2\xa0500,00" in said
    assert Visit.objects.get().total == clinic.service.price


def test_a_finish_is_undone(clinic: Clinic, doctor: Client) -> None:
    appointment = make_appointment(clinic, clock="10:00")
    tap(doctor, "my_day_finish", appointment)

    tap(doctor, "my_day_reopen", appointment)

    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.IN_PROGRESS


def test_a_refusal_is_said_and_changes_nothing(clinic: Clinic, doctor: Client) -> None:
    appointment = make_appointment(clinic, on=TOMORROW)

    assert "другой день" in tap(doctor, "my_day_start", appointment)

    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.BOOKED
    assert not Visit.objects.exists()


def test_a_patient_of_a_colleague_is_out_of_reach(clinic: Clinic, doctor: Client) -> None:
    other = make_clinic(branch=clinic.branch)
    appointment = make_appointment(other, clock="10:00")

    answer = doctor.post(reverse("desk:my_day_start", args=[appointment.pk]))

    assert answer.status_code == 403
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.BOOKED


def test_courses_and_first_visits_are_seen_before_the_door(clinic: Clinic, doctor: Client) -> None:
    make_appointment(clinic, clock="10:00")
    make_line(clinic)

    html = page(doctor)

    assert "впервые" in html
    assert "пройдено 0 из 2" in html


def test_another_day_is_looked_at_and_nonsense_is_today(clinic: Clinic, doctor: Client) -> None:
    make_appointment(clinic, clock="10:00", on=TOMORROW)

    assert clinic.patient.full_name in page(doctor, f"?on={TOMORROW}")
    assert clinic.patient.full_name not in page(doctor, "?on=2026-99-99")
