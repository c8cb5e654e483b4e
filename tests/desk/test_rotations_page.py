from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import Branch, Rotation, RotationException, Shift, User
from tests.factories import Clinic, make_appointment, make_clinic
from worklist.models import Task

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()
MONDAY = TODAY - timedelta(days=TODAY.weekday()) + timedelta(days=14)


@pytest.fixture
def desk(client_for: Callable[[User], Client], olga: User) -> Client:
    return client_for(olga)


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    made = make_clinic(branch=moscow)
    Shift.objects.all().delete()
    return made


def tell(clinic: Clinic, **told: Any) -> dict[str, Any]:
    """Two days on, two days off, for eight days from `MONDAY`."""
    days = {f"{part}-{n}": clock for n in (0, 1) for part, clock in HOURS.items()}
    return {
        "employee": clinic.doctor.pk,
        "cycle_days": 4,
        "anchor_on": MONDAY.isoformat(),
        "starts_on": MONDAY.isoformat(),
        "fill_until": (MONDAY + timedelta(days=7)).isoformat(),
        **days,
        **told,
    }


HOURS = {"starts": "09:00", "break_starts": "13:00", "break_ends": "14:00", "ends": "18:00"}


def add(desk: Client, clinic: Clinic, **told: Any) -> Any:
    return desk.post(reverse("desk:rotation_add"), tell(clinic, **told))


def test_a_rotation_is_saved_and_filled_in(desk: Client, clinic: Clinic) -> None:
    answer = add(desk, clinic)

    assert answer.status_code == 204
    assert (Rotation.objects.count(), Shift.objects.count()) == (1, 8)
    page = desk.get(reverse("desk:rotations")).content.decode()
    for text in (clinic.doctor.short_name, "перерыв 13:00–14:00", "цикл 4 дня"):
        assert text in page


def test_the_rows_follow_the_cycle(desk: Client, clinic: Clinic) -> None:
    page = desk.get(reverse("desk:rotation_add"), {"cycle_days": "14"}).content.decode()

    assert 'name="starts-13"' in page
    assert 'name="starts-14"' not in page


@pytest.mark.parametrize(
    "told",
    [
        {"starts-0": ""},
        {"break_ends-0": ""},
        {"ends-1": "08:00"},
        {"ends_on": (MONDAY - timedelta(days=1)).isoformat()},
        {"fill_until": (MONDAY + timedelta(days=900)).isoformat()},
        {"anchor_on": "soon"},
        {"employee": 0},
    ],
)
def test_a_wrong_rotation_comes_back_with_a_word(
    desk: Client, clinic: Clinic, told: dict[str, Any]
) -> None:
    answer = add(desk, clinic, **told)

    assert (answer.status_code, Rotation.objects.count(), Shift.objects.count()) == (422, 0, 0)
    assert "errorlist" in answer.content.decode()


def test_a_changed_rotation_asks_about_its_patients(desk: Client, clinic: Clinic) -> None:
    add(desk, clinic)
    rotation = Rotation.objects.get()
    booked = make_appointment(clinic, "10:00", on=MONDAY)
    address = reverse("desk:rotation", args=[rotation.pk])
    late = tell(clinic, **{"starts-0": "11:00"})

    assert 'value="13:00"' in desk.get(address).content.decode()
    assert desk.post(address, late).status_code == 422
    assert Shift.objects.filter(starts_at=clinic.at("09:00", MONDAY)).exists()
    assert desk.post(address, late | {f"way-{booked.pk}": "call"}).status_code == 204

    assert not Shift.objects.filter(starts_at=clinic.at("09:00", MONDAY)).exists()
    assert Task.objects.get().subject_id == booked.pk


def test_filling_goes_on_and_a_removed_rotation_takes_its_shifts(
    desk: Client, clinic: Clinic
) -> None:
    add(desk, clinic)
    told = {"first": MONDAY.isoformat(), "last": (MONDAY + timedelta(days=11)).isoformat()}

    assert desk.post(reverse("desk:shifts_fill"), told).status_code == 204
    assert Shift.objects.count() == 12
    assert (
        desk.post(reverse("desk:rotation_remove", args=[Rotation.objects.get().pk])).status_code
        == 204
    )

    assert not Shift.objects.exists()


def test_a_day_leaves_the_rotation_and_comes_back(desk: Client, clinic: Clinic) -> None:
    add(desk, clinic)
    told = {"employee": clinic.doctor.pk, "on": MONDAY.isoformat(), "note": "юбилей"}

    assert desk.post(reverse("desk:exception_add"), told).status_code == 204
    assert Shift.objects.count() == 6
    assert "юбилей" in desk.get(reverse("desk:rotations")).content.decode()
    exception = RotationException.objects.get()
    assert desk.post(reverse("desk:exception_drop", args=[exception.pk])).status_code == 204

    assert Shift.objects.count() == 8


def test_a_week_is_copied(desk: Client, clinic: Clinic) -> None:
    add(desk, clinic)
    told = {
        "first": MONDAY.isoformat(),
        "days": 7,
        "to_first": (MONDAY + timedelta(days=14)).isoformat(),
        "times": 2,
    }

    assert desk.post(reverse("desk:shifts_copy"), told).status_code == 204
    assert Shift.objects.count() == 8 + 2 * 8
    assert desk.post(reverse("desk:shifts_copy"), told | {"to_first": MONDAY}).status_code == 422


def test_a_doctor_plans_no_rotations(client_for: Any, dmitry: User, clinic: Clinic) -> None:
    assert client_for(dmitry).get(reverse("desk:rotations")).status_code == 403
    assert client_for(dmitry).post(reverse("desk:rotation_add"), tell(clinic)).status_code == 403
    assert not Rotation.objects.exists()


def test_a_shortened_rotation_leaves_no_shift_of_its_old_term(desk: Client, clinic: Clinic) -> None:
    add(desk, clinic, fill_until=(MONDAY + timedelta(days=27)).isoformat())
    rotation = Rotation.objects.get()
    later = (MONDAY + timedelta(days=8)).isoformat()
    end = (MONDAY + timedelta(days=11)).isoformat()

    answer = desk.post(
        reverse("desk:rotation", args=[rotation.pk]),
        tell(clinic, starts_on=later, ends_on=end, fill_until=end),
    )

    assert answer.status_code == 204
    days = {shift.starts_at.date() for shift in Shift.objects.all()}
    assert days == {MONDAY + timedelta(days=8), MONDAY + timedelta(days=9)}
