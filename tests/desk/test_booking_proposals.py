"""What the dialog of booking says aloud, and what it warns of."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from appointments.models import Appointment, PatientTotals
from clinic.models import Branch
from desk.spoken import speak_time
from tests.desk.conftest import NINE
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_branch,
    make_employee,
    make_patient,
    make_shift,
)
from tests.packages.factories import make_type, sell
from tests.prescriptions.factories import make_line

PROPOSALS = reverse("desk:booking_proposals")


def proposed(desk: Client, clinic: Clinic, **asked: Any) -> Any:
    told: dict[str, Any] = {"service": clinic.service.pk, "since": "2026-12-01"}
    response = desk.get(PROPOSALS, told | asked)
    assert response.status_code == 200
    return response.context["proposed"]


def said(found: Any) -> list[str]:
    return [one.said.replace("\N{NO-BREAK SPACE}", " ") for one in found.times]


@pytest.fixture
def neighbour(clinic: Clinic) -> Branch:
    """Another branch of the city; the service needs no room there."""
    clinic.service.rooms.clear()
    branch = make_branch(name="На Лесной", address="ул. Лесная, 3")
    doctor = make_employee(branches=[branch], services=[clinic.service])
    make_shift(doctor, branch, "10:00", "11:00", on=DAY + timedelta(days=1))
    return branch


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "сегодня, во вторник, 1 декабря, в 10:30"),
        (1, "завтра, в среду, 2 декабря, в 10:30"),
        (2, "послезавтра, в четверг, 3 декабря, в 10:30"),
        (3, "в пятницу, 4 декабря, в 10:30"),
        (-1, "в понедельник, 30 ноября, в 10:30"),
    ],
)
def test_a_time_is_said_as_on_the_phone(days: int, words: str) -> None:
    local = datetime(2026, 12, 1, 10, 30) + timedelta(days=days)  # noqa: DTZ001, wall clock

    assert speak_time(local, today=DAY) == words.replace("в 10", "в\N{NO-BREAK SPACE}10")


def test_a_time_is_said_in_english_too() -> None:
    local = datetime(2026, 12, 1, 10, 30)  # noqa: DTZ001, wall clock

    with override("en"):
        words = speak_time(local, today=date(2026, 12, 1))

    assert words == "today, on Tuesday, 1 December, at\N{NO-BREAK SPACE}10:30"


def test_times_of_unlike_days_and_doctors_are_offered(desk: Client, clinic: Clinic) -> None:
    colleague = make_employee(
        branches=[clinic.branch], services=[clinic.service], position="остеопат"
    )
    make_shift(colleague, clinic.branch, "12:00", "13:00", on=DAY + timedelta(days=1))

    found = proposed(desk, clinic)

    assert said(found)[:3] == [
        "сегодня, во вторник, 1 декабря, в 09:00",
        "сегодня, во вторник, 1 декабря, в 09:30",
        "сегодня, во вторник, 1 декабря, в 17:30",
    ]
    assert said(found)[3:] == [
        "завтра, в среду, 2 декабря, в 12:00",
        "завтра, в среду, 2 декабря, в 12:30",
    ]
    assert found.times[0].is_soonest
    page = desk.get(PROPOSALS, {"service": clinic.service.pk}).content.decode()
    assert "остеопат" in page
    assert f'value="{colleague.pk} 2026-12-02 12:00 {clinic.branch.pk}"' in page


def test_wishes_narrow_what_is_offered(desk: Client, clinic: Clinic) -> None:
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=1))

    evening = proposed(desk, clinic, part="evening", weekday=["3"])

    assert said(evening)[0] == "завтра, в среду, 2 декабря, в 17:00"
    assert {one.on for one in evening.times} == {DAY + timedelta(days=1)}
    assert all(one.clock.hour >= 17 for one in evening.times)


def test_what_had_to_be_given_up_is_said(desk: Client, clinic: Clinic, neighbour: Branch) -> None:
    stranger = make_employee(branches=[clinic.branch], services=[clinic.service])

    weekend = proposed(desk, clinic, weekday=["6"])
    with_stranger = proposed(desk, clinic, wished=stranger.pk)
    clinic.doctor.shifts.all().delete()
    elsewhere = proposed(desk, clinic)

    assert (weekend.instead, with_stranger.instead) == ("time", "doctor")
    assert elsewhere.instead == "branch"
    assert [one.branch for one in elsewhere.times] == ["На Лесной"] * 2
    assert proposed(desk, clinic, anywhere="1").instead == ""


def test_a_time_at_another_branch_is_booked_there(
    desk: Client, clinic: Clinic, neighbour: Branch
) -> None:
    doctor = neighbour.employees.get()
    filled: dict[str, Any] = {
        "patient": clinic.patient.pk,
        "service": clinic.service.pk,
        "employee": doctor.pk,
        "on": "2026-12-02",
        "clock": "10:30",
        "place": neighbour.pk,
        "key": str(uuid4()),
    }

    times = desk.get(reverse("desk:booking_times"), filled).content.decode()
    held = desk.post(reverse("desk:booking_hold"), filled).content.decode()
    booked = desk.post(reverse("desk:booking"), filled)

    assert "Другой филиал: На Лесной, ул. Лесная, 3" in times
    assert "10:30–11:00 свободно" in times
    assert "data-release" in held
    assert booked.status_code == 204
    assert Appointment.objects.get().branch == neighbour


def test_a_refusal_names_what_differs(desk: Client, clinic: Clinic, neighbour: Branch) -> None:
    make_appointment(clinic, "10:00", patient=make_patient())
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=1))
    filled: dict[str, Any] = {
        "patient": clinic.patient.pk,
        "service": clinic.service.pk,
        "employee": clinic.doctor.pk,
        "on": "2026-12-01",
        "clock": "10:00",
        "key": str(uuid4()),
    }

    page = desk.post(reverse("desk:booking"), filled).content.decode()

    for words in ("В другое время в этот день", "В другой день", "В другом филиале", "На Лесной"):
        assert words in page
    assert "У другого врача" not in page


@pytest.mark.parametrize(
    "asked",
    [
        {"service": "x"},
        {"service": "9" * 30, "wished": "9" * 30},
        {"part": "night", "weekday": ["9", "x"], "since": "31.02.2026"},
        {"patient": "0x", "anywhere": "maybe", "wished": "-1"},
    ],
)
def test_what_makes_no_sense_is_as_if_not_asked(
    desk: Client, clinic: Clinic, asked: dict[str, Any]
) -> None:
    response = desk.get(PROPOSALS, {"service": clinic.service.pk} | asked)

    assert response.status_code == 200


def test_what_reception_should_know_is_said(desk: Client, clinic: Clinic) -> None:
    line = make_line(clinic)
    PatientTotals.objects.update_or_create(
        pk=clinic.patient.pk, defaults={"no_shows": 2, "debt": Decimal(1500)}
    )

    page = desk.get(reverse("desk:booking_patient", args=[clinic.patient.pk])).content.decode()

    assert "Не пришёл 2 раза" in page
    assert "Долг 1\N{NO-BREAK SPACE}500,00" in page
    assert "Ещё не спросили согласие" in page
    assert f'data-pick-service="{line.service_id}"' in page
    assert "Назначено, но не записано" in page


def test_the_package_that_pays_is_named(desk: Client, clinic: Clinic) -> None:
    sell(make_type(clinic.service, name="Десять приёмов"), clinic, NINE)
    asked: dict[str, Any] = {
        "service": clinic.service.pk,
        "patient": clinic.patient.pk,
        "on": "2026-12-01",
    }

    paid = desk.get(reverse("desk:booking_times"), asked).content.decode()
    of_another = desk.get(
        reverse("desk:booking_times"), asked | {"patient": make_patient().pk}
    ).content.decode()

    assert "оплатит абонемент «Десять приёмов»" in paid
    assert "абонемент" not in of_another
