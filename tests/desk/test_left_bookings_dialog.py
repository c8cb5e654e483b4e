from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import Branch, Shift, TimeOff, User
from tests.factories import Clinic, make_appointment, make_clinic, make_employee, make_shift
from worklist.models import Task

pytestmark = pytest.mark.django_db

SOON = timezone.now().date() + timedelta(days=7)
TUESDAY = SOON - timedelta(days=SOON.weekday()) + timedelta(days=8)


@pytest.fixture
def desk(client_for: Callable[[User], Client], olga: User) -> Client:
    return client_for(olga)


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    """The doctor works on `TUESDAY` alone, and so does a colleague."""
    made = make_clinic(branch=moscow)
    Shift.objects.update(starts_at=made.at("09:00", TUESDAY), ends_at=made.at("18:00", TUESDAY))
    colleague = make_employee(last_name="Белова", branches=[moscow], services=[made.service])
    make_shift(colleague, moscow, on=TUESDAY)
    return made


def add_absence(desk: Client, clinic: Clinic, **told: Any) -> Any:
    days = {"first": TUESDAY.isoformat(), "last": TUESDAY.isoformat(), "kind": "VACATION"}
    return desk.post(reverse("desk:time_off_add"), {"employee": clinic.doctor.pk, **days, **told})


def test_the_dialog_lists_who_is_booked_and_what_can_be_done(desk: Client, clinic: Clinic) -> None:
    booked = make_appointment(clinic, on=TUESDAY)

    asked = add_absence(desk, clinic)

    page = asked.content.decode()
    assert (asked.status_code, TimeOff.objects.count()) == (422, 0)
    for text in (clinic.patient.full_name, f'name="way-{booked.pk}"', "Белова", "в то же время"):
        assert text in page


def test_all_are_handed_over_with_one_press_and_seen_before_it_is_saved(
    desk: Client, clinic: Clinic
) -> None:
    booked = make_appointment(clinic, on=TUESDAY)

    asked = add_absence(desk, clinic, for_all="hand", **{f"way-{booked.pk}": "call"})

    page = asked.content.decode()
    chosen = page.partition(" selected>")[0].rpartition('value="')[2].rstrip('"')
    assert (asked.status_code, TimeOff.objects.count()) == (422, 0)
    assert add_absence(desk, clinic, **{f"way-{booked.pk}": chosen}).status_code == 204
    booked.refresh_from_db()
    assert booked.employee.last_name == "Белова"


@pytest.mark.parametrize(
    "way", ["call", "", "x@y", "1@2026", "\0", f"{'9' * 30}@9999-12-31T00:00Z"]
)
def test_an_answer_that_nobody_could_give_is_a_call(desk: Client, clinic: Clinic, way: str) -> None:
    booked = make_appointment(clinic, on=TUESDAY)

    assert add_absence(desk, clinic, **{f"way-{booked.pk}": way}).status_code == 204

    assert Task.objects.get().subject_id == booked.pk
    page = desk.get(reverse("desk:schedule")).content.decode()
    assert reverse("desk:appointment_move", args=[booked.pk]) in page


def test_a_time_that_is_gone_is_told_next_to_the_patient(desk: Client, clinic: Clinic) -> None:
    booked = make_appointment(clinic, on=TUESDAY)
    gone = f"{clinic.doctor.pk}@{clinic.at('12:00', TUESDAY).isoformat()}"

    asked = add_absence(desk, clinic, **{f"way-{booked.pk}": gone})

    assert (asked.status_code, TimeOff.objects.count()) == (422, 0)
    assert "invalid-feedback" in asked.content.decode()


def test_what_was_booked_meanwhile_is_asked_about_too(desk: Client, clinic: Clinic) -> None:
    seen = make_appointment(clinic, "10:00", on=TUESDAY)
    make_appointment(clinic, "12:00", on=TUESDAY)

    answer = add_absence(desk, clinic, **{f"way-{seen.pk}": "call"})

    assert (answer.status_code, TimeOff.objects.count()) == (422, 0)


def test_a_shift_is_removed_with_its_patients_called(desk: Client, clinic: Clinic) -> None:
    booked = make_appointment(clinic, on=TUESDAY)
    shift = Shift.objects.get(employee=clinic.doctor)
    address = reverse("desk:shift_remove", args=[shift.pk])

    assert desk.post(address).status_code == 422
    assert desk.post(address, {f"way-{booked.pk}": "call"}).status_code == 204

    assert Task.objects.get().kind == "CALL_OUTSIDE"
