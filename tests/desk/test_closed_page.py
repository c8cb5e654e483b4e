from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, BranchDay, Closure, User
from tests.desk.conftest import NINE
from tests.factories import DAY, Clinic, make_appointment, make_clinic, make_shift, make_time_off
from worklist.models import Task

pytestmark = pytest.mark.django_db

NEXT = DAY + timedelta(days=1)
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)


def decide(desk: Client, **told: Any) -> Any:
    return desk.post(reverse("desk:branch_day"), {"on": NEXT.isoformat(), "kind": "CLOSED", **told})


def close(desk: Client, clinic: Clinic, **told: Any) -> Any:
    days = {"first": DAY.isoformat(), "last": NEXT.isoformat(), "note": "ремонт"}
    place = {"place": f"room-{clinic.rooms[0].pk}"}
    return desk.post(reverse("desk:closure_add"), {**place, **days, **told})


def test_holidays_wait_for_a_decision(desk: Client, clinic: Clinic) -> None:
    page = desk.get(reverse("desk:closed_days"), {"year": 2027}).content.decode()

    assert "Новогодние каникулы" in page
    assert "не решено" in page


def test_all_holidays_are_closed_at_once(desk: Client, clinic: Clinic) -> None:
    address = reverse("desk:close_holidays") + "?year=2027"

    assert "01.01.2027" in desk.get(address).content.decode()
    assert desk.post(address, {"yes": 1}).status_code == 204

    assert BranchDay.objects.get(on=NEW_YEAR).kind == "CLOSED"
    page = desk.get(reverse("desk:closed_days"), {"year": 2027}).content.decode()
    assert "не решено" not in page


def test_a_day_is_decided_about_and_the_decision_taken_back(desk: Client, clinic: Clinic) -> None:
    assert decide(desk, kind="SHORT", starts="10:00", ends="15:00").status_code == 204
    assert "10:00–15:00" in desk.get(reverse("desk:closed_days"), {"year": 2026}).content.decode()
    address = reverse("desk:branch_day_forget") + f"?on={NEXT.isoformat()}"

    assert desk.post(address).status_code == 204

    assert not BranchDay.objects.exists()


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "PARTY"},
        {"kind": "SHORT"},
        {"on": "2026-01-01"},
        {"kind": "SHORT", "starts": "12:00"},
    ],
)
def test_a_wrong_decision_comes_back(desk: Client, clinic: Clinic, told: dict[str, Any]) -> None:
    answer = decide(desk, **told)

    assert (answer.status_code, BranchDay.objects.count()) == (422, 0)
    assert "errorlist" in answer.content.decode()


def test_a_closed_day_asks_about_its_patients(desk: Client, clinic: Clinic) -> None:
    make_shift(clinic.doctor, clinic.branch, on=NEXT)
    booked = make_appointment(clinic, on=NEXT)

    assert decide(desk).status_code == 422
    assert not BranchDay.objects.exists()
    assert decide(desk, **{f"way-{booked.pk}": "call"}).status_code == 204

    assert Task.objects.get().subject_id == booked.pk


def test_a_room_is_closed_changed_and_put_back(desk: Client, clinic: Clinic) -> None:
    assert close(desk, clinic).status_code == 204
    closure = Closure.objects.get()
    assert (closure.starts_at, closure.ends_at) == (
        clinic.at("00:00"),
        clinic.at("00:00", NEXT + timedelta(days=1)),
    )
    assert "ремонт" in desk.get(reverse("desk:closed_days")).content.decode()
    address = reverse("desk:closure", args=[closure.pk])
    assert f'value="{NEXT.isoformat()}"' in desk.get(address).content.decode()
    told = {"first": DAY.isoformat(), "last": DAY.isoformat(), "ends": "12:00"}
    assert desk.post(address, told).status_code == 204
    closure.refresh_from_db()
    assert closure.ends_at == clinic.at("12:00")

    assert desk.post(reverse("desk:closure_remove", args=[closure.pk])).status_code == 204
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    "told", [{"place": "room-0"}, {"place": "\0"}, {"last": "2026-01-01"}, {"first": "x"}]
)
def test_a_wrong_closure_comes_back(desk: Client, clinic: Clinic, told: dict[str, Any]) -> None:
    answer = close(desk, clinic, **told)

    assert (answer.status_code, Closure.objects.count()) == (422, 0)


def test_the_year_shows_absences_and_counts_them(desk: Client, clinic: Clinic) -> None:
    make_time_off(clinic.doctor, clinic.branch, "00:00", "23:59", kind="VACATION")
    make_time_off(clinic.doctor, clinic.branch, "00:00", "23:59", NEXT, kind="SICK_LEAVE")
    make_time_off(clinic.doctor, clinic.branch, "13:00", "14:00", NEXT, kind="BREAK")

    page = desk.get(reverse("desk:absence_year")).content.decode()

    assert "bar-VACATION" in page
    assert 'class="bar bar-SICK_LEAVE"' in page
    assert 'class="bar bar-BREAK"' not in page
    assert "отпуск, 01.12.2026 – 01.12.2026" in page


@pytest.mark.parametrize("year", ["", "0", "99999", "x", "2025"])
def test_any_year_of_an_address_is_shown(desk: Client, clinic: Clinic, year: str) -> None:
    for name in ("desk:absence_year", "desk:closed_days"):
        assert desk.get(reverse(name), {"year": year}).status_code == 200


def test_a_doctor_closes_nothing(
    client_for: Callable[[User], Client], dmitry: User, clinic: Clinic
) -> None:
    with time_machine.travel(NINE):
        doctor = client_for(dmitry)

        assert doctor.get(reverse("desk:absence_year")).status_code == 403
        assert decide(doctor).status_code == 403
        assert close(doctor, clinic).status_code == 403

    assert not BranchDay.objects.exists()
    assert not Closure.objects.exists()
