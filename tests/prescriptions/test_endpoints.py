from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.response import Response
from rest_framework.test import APIClient

from appointments.models import Appointment
from clinic.models import User
from prescriptions.models import LineStatus, Prescription, PrescriptionLine
from tests.factories import Clinic, make_appointment, make_patient
from tests.prescriptions.factories import NOW, make_line

PRESCRIPTIONS = "/api/v1/prescriptions/"
KEY = {"Idempotency-Key": "a-course-1"}


@pytest.fixture(autouse=True)
def day_before() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def client_of(user: User) -> APIClient:
    api = APIClient()
    api.force_authenticate(user)
    return api


@pytest.fixture
def api(olga: User) -> APIClient:
    return client_of(olga)


def body(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    line = {"service": clinic.service.pk, "sessions": 10, "every_min_days": 2, "every_max_days": 3}
    told: dict[str, Any] = {
        "patient": clinic.patient.pk,
        "doctor": clinic.doctor.pk,
        "branch": clinic.branch.pk,
        "lines": [line],
    }
    return told | fields


def book(api: APIClient, clinic: Clinic, line: PrescriptionLine, at: str = "10:00") -> Response:
    told = {"employee": clinic.doctor.pk, "starts_at": f"2026-12-01T{at}:00+03:00"}
    address = f"{PRESCRIPTIONS}lines/{line.pk}/sessions/"
    return api.post(address, told, headers={"Idempotency-Key": f"session-{at}"})


def test_a_medical_record_prescribes_once(api: APIClient, clinic: Clinic) -> None:
    for _ in range(2):
        answer = api.post(PRESCRIPTIONS, body(clinic), headers=KEY)

    assert answer.status_code == 201
    prescription = Prescription.objects.get()
    assert answer.data["prescription"]["id"] == prescription.pk
    [line] = answer.data["lines"]
    assert (line["sessions"], line["missing"], line["status"]) == (10, 10, "PRESCRIBED")
    assert api.get(f"{PRESCRIPTIONS}{prescription.pk}/").data == answer.data


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"lines": []}, 400, "invalid"),
        ({"patient": 10**9}, 400, "invalid"),
        ({"doctor": None}, 400, "invalid"),
    ],
)
def test_a_wrong_course_is_not_written(
    api: APIClient, clinic: Clinic, wrong: dict[str, Any], status: int, code: str
) -> None:
    answer = api.post(PRESCRIPTIONS, body(clinic, **wrong), headers=KEY)

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Prescription.objects.exists()


def test_an_interval_that_makes_no_sense_has_a_code(api: APIClient, clinic: Clinic) -> None:
    line = {"service": clinic.service.pk, "every_min_days": 5, "every_max_days": 3}

    answer = api.post(PRESCRIPTIONS, body(clinic, lines=[line]), headers=KEY)

    assert (answer.status_code, answer.data["code"]) == (422, "wrong_course")
    assert not Prescription.objects.exists()


def test_lines_are_listed_with_their_progress(api: APIClient, clinic: Clinic) -> None:
    line = make_line(clinic)
    make_line(clinic, patient_id=make_patient().pk)
    book(api, clinic, line)

    found = api.get(f"{PRESCRIPTIONS}?patient={clinic.patient.pk}&state=open").data["results"]

    assert [(row["id"], row["ahead"], row["missing"]) for row in found] == [(line.pk, 1, 1)]


def test_a_session_is_booked_from_its_line(api: APIClient, clinic: Clinic) -> None:
    line = make_line(clinic)

    answer = book(api, clinic, line)

    assert answer.status_code == 201
    assert line.booked.get().appointment_id == answer.data["id"]
    line.refresh_from_db()
    assert line.status == LineStatus.BOOKED


def test_a_taken_time_is_refused_with_alternatives(api: APIClient, clinic: Clinic) -> None:
    line = make_line(clinic)
    make_appointment(clinic, "10:00", patient=make_patient())

    answer = book(api, clinic, line)

    assert (answer.status_code, answer.data["code"]) == (409, "slot_taken")
    assert answer.data["alternatives"]
    assert Appointment.objects.count() == 1


def test_a_line_is_handed_over_and_dropped(api: APIClient, clinic: Clinic) -> None:
    line = make_line(clinic)
    base = f"{PRESCRIPTIONS}lines/{line.pk}/"

    taken = api.post(f"{base}hand-over/", {"specialist": clinic.doctor.pk})
    dropped = api.post(f"{base}drop/", {"reason": "NO_TIME"})

    assert (taken.data["status"], taken.data["specialist"]) == ("HANDED_OVER", clinic.doctor.pk)
    assert (dropped.data["status"], dropped.data["drop_reason"]) == ("DROPPED", "NO_TIME")
    assert book(api, clinic, line).data["code"] == "line_closed"


def test_a_doctor_sees_no_course_of_strangers(clinic: Clinic, dmitry: User) -> None:
    line = make_line(clinic)
    api = client_of(dmitry)

    assert api.get(PRESCRIPTIONS).data["results"] == []
    assert api.get(f"{PRESCRIPTIONS}{line.prescription_id}/").status_code == 403
    assert api.post(f"{PRESCRIPTIONS}lines/{line.pk}/drop/", {"reason": "OTHER"}).status_code == 403
    line.refresh_from_db()
    assert line.status == LineStatus.PRESCRIBED
