from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import Branch, Shift, TimeOff, User
from desk.queries.outside import Scope, list_outside
from tests.factories import (
    Clinic,
    make_appointment,
    make_branch,
    make_clinic,
    make_shift,
    make_time_off,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
SOON = timezone.now().date() + timedelta(days=7)
TUESDAY = SOON - timedelta(days=SOON.weekday()) + timedelta(days=8)
NEXT_DAY = TUESDAY + timedelta(days=1)


@pytest.fixture
def desk(client_for: SignIn, olga: User) -> Client:
    return client_for(olga)


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    """The doctor works on `TUESDAY` alone."""
    made = make_clinic(branch=moscow)
    Shift.objects.update(starts_at=made.at("09:00", TUESDAY), ends_at=made.at("18:00", TUESDAY))
    return made


def tell_shift(clinic: Clinic, **told: Any) -> dict[str, Any]:
    hours = {"on": NEXT_DAY.isoformat(), "starts": "09:00", "ends": "15:00", "weeks": 1}
    return {"employee": clinic.doctor.pk, **hours, **told}


def tell_absence(clinic: Clinic, **told: Any) -> dict[str, Any]:
    days = {"first": TUESDAY.isoformat(), "last": TUESDAY.isoformat(), "kind": "VACATION"}
    return {"employee": clinic.doctor.pk, **days, **told}


def add_absence(desk: Client, clinic: Clinic, **told: Any) -> Any:
    return desk.post(reverse("desk:time_off_add"), tell_absence(clinic, **told))


def test_the_week_shows_shifts_and_absences(desk: Client, clinic: Clinic) -> None:
    make_time_off(clinic.doctor, clinic.branch, "13:00", "14:00", TUESDAY)
    make_shift(clinic.doctor, make_branch(name="Другой"), on=NEXT_DAY)

    page = desk.get(reverse("desk:schedule"), {"on": NEXT_DAY.isoformat()}).content.decode()

    for text in (clinic.doctor.short_name, "09:00–18:00", "13:00–14:00", "перерыв", "Другой"):
        assert text in page


@pytest.mark.parametrize("on", ["", "yesterday", "2026-02-31"])
def test_an_address_without_a_day_is_this_week(desk: Client, clinic: Clinic, on: str) -> None:
    assert 'aria-current="date"' in desk.get(reverse("desk:schedule"), {"on": on}).content.decode()


def test_the_week_costs_few_queries(
    desk: Client, clinic: Clinic, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_clinic(branch=clinic.branch)
    desk.get(reverse("desk:schedule"))

    with django_assert_max_num_queries(12):
        desk.get(reverse("desk:schedule"))


def test_shifts_are_added_for_days_and_weeks(desk: Client, clinic: Clinic) -> None:
    told = tell_shift(clinic, weekdays=["4"], weeks=2)

    answer = desk.post(reverse("desk:shift_add"), told)

    assert answer.status_code == 204
    assert "schedule-changed" in answer["HX-Trigger"]
    days = [shift.starts_at.date() for shift in Shift.objects.order_by("starts_at")]
    assert [(day - TUESDAY).days for day in days] == [0, 1, 3, 8, 10]


@pytest.mark.parametrize(
    "told",
    [
        {"starts": "15:00", "ends": "09:00"},
        {"on": TUESDAY.isoformat()},
        {"starts": "06:00"},
        {"on": "2026-01-12"},
        {"weeks": 13},
        {"employee": 0},
    ],
)
def test_a_wrong_shift_comes_back_with_a_word(
    desk: Client, clinic: Clinic, told: dict[str, Any]
) -> None:
    answer = desk.post(reverse("desk:shift_add"), tell_shift(clinic, **told))

    assert (answer.status_code, Shift.objects.count()) == (422, 1)
    assert "errorlist" in answer.content.decode()


def test_a_shift_is_changed_and_removed(desk: Client, clinic: Clinic) -> None:
    shift = Shift.objects.get()
    told = {"on": TUESDAY.isoformat(), "starts": "12:00", "ends": "20:00"}

    assert desk.get(reverse("desk:shift", args=[shift.pk])).status_code == 200
    assert desk.post(reverse("desk:shift", args=[shift.pk]), told).status_code == 204
    assert Shift.objects.get().ends_at == clinic.at("20:00", TUESDAY)
    assert desk.post(reverse("desk:shift_remove", args=[shift.pk])).status_code == 204

    assert not Shift.objects.exists()


def test_a_cancelled_booking_stands_in_nobodys_way(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, on=TUESDAY, status="CANCELLED", cancel_reason="OTHER")

    assert add_absence(desk, clinic).status_code == 204


def test_an_absence_takes_whole_days(desk: Client, clinic: Clinic) -> None:
    assert add_absence(desk, clinic, last=NEXT_DAY.isoformat()).status_code == 204

    absence = TimeOff.objects.get()
    assert absence.starts_at == clinic.at("00:00", TUESDAY)
    assert absence.ends_at == clinic.at("00:00", NEXT_DAY + timedelta(days=1))


def test_hours_are_repeated_each_day(desk: Client, clinic: Clinic) -> None:
    answer = add_absence(
        desk, clinic, kind="BREAK", last=NEXT_DAY.isoformat(), starts="13:00", ends="14:00"
    )

    assert answer.status_code == 204
    assert [row.starts_at for row in TimeOff.objects.order_by("starts_at")] == [
        clinic.at("13:00", TUESDAY),
        clinic.at("13:00", NEXT_DAY),
    ]


@pytest.mark.parametrize("told", [{"starts": "13:00"}, {"last": "2026-01-12"}, {"kind": "PARTY"}])
def test_a_wrong_absence_comes_back(desk: Client, clinic: Clinic, told: dict[str, Any]) -> None:
    answer = add_absence(desk, clinic, **told)

    assert (answer.status_code, TimeOff.objects.count()) == (422, 0)


def test_an_absence_is_changed_and_removed(desk: Client, clinic: Clinic) -> None:
    absence = make_time_off(clinic.doctor, clinic.branch, "13:00", "14:00", TUESDAY)
    address = reverse("desk:time_off", args=[absence.pk])
    told = tell_absence(clinic, kind="TRAINING", starts="15:00", ends="16:00")

    assert 'value="13:00"' in desk.get(address).content.decode()
    assert desk.post(address, told).status_code == 204
    absence.refresh_from_db()
    assert (absence.kind, absence.starts_at) == ("TRAINING", clinic.at("15:00", TUESDAY))
    assert desk.post(reverse("desk:time_off_remove", args=[absence.pk])).status_code == 204

    assert not TimeOff.objects.exists()


def test_shifts_in_a_row_cover_a_booking(clinic: Clinic) -> None:
    make_appointment(clinic, "17:45", on=TUESDAY)
    now = timezone.now()
    assert len(list_outside(now=now)) == 1

    make_shift(clinic.doctor, clinic.branch, "18:00", "20:00", TUESDAY)

    assert list_outside(now=now, scope=Scope(branch_id=clinic.branch.pk)) == []


def test_a_doctor_does_not_plan(client_for: SignIn, dmitry: User, clinic: Clinic) -> None:
    client = client_for(dmitry)
    shift = Shift.objects.get()

    assert client.get(reverse("desk:schedule")).status_code == 403
    assert client.post(reverse("desk:shift_remove", args=[shift.pk])).status_code == 403
    assert Shift.objects.count() == 1
