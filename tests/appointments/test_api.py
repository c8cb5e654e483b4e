from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.response import Response
from rest_framework.test import APIClient

from appointments.models import Appointment
from clinic.models import Service, User
from outbox.models import Event
from tests.appointments.factories import NOW
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_shift,
    make_source,
)

APPOINTMENTS = "/api/v1/appointments/"


@pytest.fixture(autouse=True)
def day_before() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def api(olga: User) -> APIClient:
    return client_of(olga)


def body(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "patient": clinic.patient.pk,
        "service": clinic.service.pk,
        "employee": clinic.doctor.pk,
        "branch": clinic.branch.pk,
        "starts_at": "2026-12-01T10:00:00+03:00",
    }
    return told | fields


def create(api: APIClient, clinic: Clinic, key: str = "first-order", **fields: Any) -> Response:
    return api.post(APPOINTMENTS, body(clinic, **fields), headers={"Idempotency-Key": key})


def test_a_system_books(api: APIClient, clinic: Clinic, olga: User) -> None:
    source = make_source()

    response = create(api, clinic, source=source.pk, note="с сайта")

    assert response.status_code == 201
    booked = Appointment.objects.get()
    assert (booked.starts_at, booked.created_by) == (clinic.at("10:00"), olga)
    assert response.data["id"] == booked.pk
    assert response.data["status"] == "BOOKED"
    assert response.data["price"] == "2500.00"
    assert (booked.source, booked.note) == (source, "с сайта")


def test_the_same_key_is_the_same_booking(api: APIClient, clinic: Clinic) -> None:
    answers = [create(api, clinic).data for _ in range(2)]

    assert answers[0] == answers[1]
    assert Appointment.objects.count() == 1


def test_the_key_of_another_order_is_refused(api: APIClient, clinic: Clinic) -> None:
    create(api, clinic)

    response = create(api, clinic, starts_at="2026-12-01T12:00:00+03:00")

    assert (response.status_code, response.data["code"]) == (409, "key_reused")
    assert Appointment.objects.count() == 1


def test_two_systems_may_use_one_key(api: APIClient, clinic: Clinic, viktor: User) -> None:
    create(api, clinic)

    response = create(client_of(viktor), clinic, starts_at="2026-12-01T12:00:00+03:00")

    assert response.status_code == 201


def test_a_taken_time_comes_with_the_nearest(api: APIClient, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", patient=make_patient())

    response = create(api, clinic)

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.data["code"] == "slot_taken"
    assert response.data["alternatives"][0] == {
        "kind": "same_day",
        "employee_id": clinic.doctor.pk,
        "employee": clinic.doctor.short_name,
        "branch_id": clinic.branch.pk,
        "branch": clinic.branch.name,
        "starts_at": "2026-12-01T06:00:00+00:00",
        "ends_at": "2026-12-01T06:30:00+00:00",
    }
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"starts_at": "2026-12-01T10:00:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"patient": 999_999}, "patient"),
        ({"service": None}, "service"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_bad_input_names_the_field(
    api: APIClient, clinic: Clinic, fields: dict[str, Any], wrong: str
) -> None:
    response = create(api, clinic, **fields)

    assert (response.status_code, response.data["code"]) == (400, "invalid")
    assert list(response.data["errors"]) == [wrong]
    assert not Appointment.objects.exists()


def test_a_key_is_needed(api: APIClient, clinic: Clinic) -> None:
    response = api.post(APPOINTMENTS, body(clinic))

    assert (response.status_code, response.data["code"]) == (400, "idempotency_key_missing")
    assert not Appointment.objects.exists()


def test_slots_are_what_can_be_booked(api: APIClient, clinic: Clinic) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:30"))
    make_appointment(clinic, "09:30")

    response = api.get("/api/v1/slots/", {"service": clinic.service.pk})

    starts = [slot["starts_at"] for slot in response.data]
    assert starts == ["2026-12-01T09:00:00+03:00", "2026-12-01T10:00:00+03:00"]
    assert create(api, clinic, starts_at=starts[0], patient=make_patient().pk).status_code == 201


def test_slots_can_be_narrowed(api: APIClient, clinic: Clinic) -> None:
    asked: dict[str, str | int] = {
        "service": clinic.service.pk,
        "employee": clinic.doctor.pk,
        "branch": clinic.branch.pk,
        "from": "2026-12-01T12:00:00+03:00",
        "until": "2026-12-01T13:00:00+03:00",
    }

    starts = [slot["starts_at"] for slot in api.get("/api/v1/slots/", asked).data]

    assert starts == ["2026-12-01T12:00:00+03:00", "2026-12-01T12:30:00+03:00"]
    assert len(api.get("/api/v1/slots/", {"service": clinic.service.pk, "limit": 3}).data) == 3
    assert api.get("/api/v1/slots/", {"service": 0}).status_code == 400


def test_appointments_are_listed_by_time(api: APIClient, clinic: Clinic) -> None:
    late, early = make_appointment(clinic, "12:00"), make_appointment(clinic, "10:00")
    make_appointment(clinic, on=DAY + timedelta(days=1), status="CONFIRMED")

    everything = api.get(APPOINTMENTS).data
    of_day = api.get(APPOINTMENTS, {"until": "2026-12-02T00:00:00+03:00"}).data["results"]
    confirmed = api.get(APPOINTMENTS, {"status": "CONFIRMED"}).data["count"]

    assert everything["count"] == 3
    assert [found["id"] for found in of_day] == [early.pk, late.pk]
    assert confirmed == 1


def test_a_doctor_sees_and_reads_his_own(clinic: Clinic, dmitry: User) -> None:
    own = make_appointment(clinic, "10:00", employee=dmitry.employee)
    other = make_appointment(clinic, "11:00")
    doctor = client_of(dmitry)

    assert [found["id"] for found in doctor.get(APPOINTMENTS).data["results"]] == [own.pk]
    assert doctor.get(f"{APPOINTMENTS}{own.pk}/").status_code == 200
    assert doctor.get(f"{APPOINTMENTS}{other.pk}/").status_code == 403
    assert doctor.post(f"{APPOINTMENTS}{own.pk}/cancel/", {"reason": "OTHER"}).status_code == 403


def test_a_doctor_books_his_own_patients_only(clinic: Clinic, dmitry: User) -> None:
    response = create(client_of(dmitry), clinic)

    assert response.status_code == 403
    assert not Appointment.objects.exists()


def test_it_is_moved_by_who_saw_the_newest(api: APIClient, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    address, told = f"{APPOINTMENTS}{made.pk}/move/", {"starts_at": "2026-12-01T12:00:00+03:00"}

    stale = api.post(address, told | {"version": 2})
    moved = api.post(address, told | {"version": 1})

    assert (stale.status_code, stale.data["code"]) == (409, "stale_version")
    assert (moved.status_code, moved.data["version"]) == (200, 2)
    made.refresh_from_db()
    assert made.starts_at == clinic.at("12:00")


def test_it_passes_to_another_doctor_who_must_be_free(api: APIClient, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    told = {"starts_at": "2026-12-01T12:00:00+03:00", "employee": colleague.pk, "version": 1}

    response = api.post(f"{APPOINTMENTS}{made.pk}/move/", told)

    assert (response.status_code, response.data["code"]) == (409, "outside_shift")
    made.refresh_from_db()
    assert (made.employee, made.version) == (clinic.doctor, 1)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("step", "told", "status"),
    [
        ("confirm", {}, "CONFIRMED"),
        ("cancel", {"reason": "ILLNESS"}, "CANCELLED"),
        ("arrive", {}, "ARRIVED"),
    ],
)
def test_a_step_repeated_is_one_step(
    api: APIClient, clinic: Clinic, step: str, told: dict[str, str], status: str
) -> None:
    made = make_appointment(clinic, "10:00")

    with time_machine.travel(clinic.at("09:55"), tick=False):
        answers = [api.post(f"{APPOINTMENTS}{made.pk}/{step}/", told) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.data["status"] for answer in answers] == [status, status]
    assert Event.objects.count() == 1


def test_a_step_that_is_not_allowed_is_refused(api: APIClient, clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00", status="DONE")

    response = api.post(f"{APPOINTMENTS}{made.pk}/cancel/", {"reason": "OTHER"})

    assert (response.status_code, response.data["code"]) == (409, "status_not_allowed")
    made.refresh_from_db()
    assert (made.status, made.version) == ("DONE", 1)


def test_a_patient_is_bound_by_the_rules_and_reception_is_not(
    api: APIClient, clinic: Clinic
) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(is_online=False)
    asked = {"service": str(clinic.service.pk), "until": "2026-12-02T00:00:00+03:00"}

    offered = api.get("/api/v1/slots/", asked).data
    for_reception = api.get("/api/v1/slots/", asked | {"by_patient": "false"}).data
    refused = create(api, clinic)
    booked = create(api, clinic, key="by-reception", by_patient=False)

    assert offered == []
    assert for_reception
    assert (refused.status_code, refused.data["code"]) == (409, "desk_only")
    assert booked.status_code == 201


def test_a_patient_who_is_late_cannot_cancel(api: APIClient, clinic: Clinic) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(cancel_cutoff=timedelta(days=1))
    made = make_appointment(clinic)
    address = f"{APPOINTMENTS}{made.pk}/cancel/"

    refused = api.post(address, {"reason": "ILLNESS", "by_patient": True})
    cancelled = api.post(address, {"reason": "ILLNESS"})

    assert (refused.status_code, refused.data["code"]) == (409, "cutoff_passed")
    assert cancelled.data["status"] == "CANCELLED"


def test_free_times_are_narrowed(api: APIClient, clinic: Clinic) -> None:
    colleague = make_employee(
        branches=[clinic.branch], services=[clinic.service], position="остеопат"
    )
    make_shift(colleague, clinic.branch, "12:00", "14:00")
    asked: dict[str, Any] = {"service": clinic.service.pk, "from": "2026-12-01T00:00:00+03:00"}
    narrow: dict[str, Any] = {
        "employee": [clinic.doctor.pk, colleague.pk],
        "branch": clinic.branch.pk,
        "city": clinic.branch.city,
        "specialty": "остеопат",
        "weekday": [1, 2],
        "clock_from": "12:30",
        "clock_until": "13:30",
        "order": "best_fill",
    }

    found = api.get("/api/v1/slots/", asked | narrow)

    assert [(slot["employee"], slot["starts_at"]) for slot in found.data] == [
        (colleague.pk, "2026-12-01T12:30:00+03:00"),
        (colleague.pk, "2026-12-01T13:00:00+03:00"),
    ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"weekday": 8}, "weekday"),
        ({"employee": "x"}, "employee"),
        ({"clock_from": "25:00"}, "clock_from"),
        ({"clock_from": "12:00", "clock_until": "12:00"}, "clock_until"),
        ({"order": "cheapest"}, "order"),
    ],
)
def test_what_a_search_asks_must_make_sense(
    api: APIClient, clinic: Clinic, fields: dict[str, Any], wrong: str
) -> None:
    response = api.get("/api/v1/slots/", {"service": clinic.service.pk} | fields)

    assert (response.status_code, list(response.data["errors"])) == (400, [wrong])
