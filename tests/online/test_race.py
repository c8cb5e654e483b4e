"""Many visitors through HTTP for one time: one booking, plain words for the rest."""

from datetime import datetime
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from appointments.models import Appointment
from messaging.models import Message
from online.actions import Person, choose_time, describe_person, prove_code
from online.actions.attempts import Choice
from online.actions.limits import Visitor
from online.models import Attempt, OnlineSetting
from online.secrets import hash_token, make_token
from patients.models import Patient
from tests.factories import Clinic, make_clinic
from tests.online.conftest import MORNING
from tests.threads import run_at_once

RIVALS = 8


def prove(clinic: Clinic, number: int, starts_at: datetime) -> str:
    """Somebody who has proved his phone and is about to book, without a hold; return his secret."""
    token = make_token()
    Attempt.objects.create(
        token_hash=hash_token(token),
        key=f"online:{uuid4()}",
        branch=clinic.branch,
        service=clinic.service,
        employee=clinic.doctor,
        starts_at=starts_at,
        last_name=f"Котова{number}",
        first_name="Вера",
        birth_on="1985-03-12",
        phone=f"+7903555443{number}",
        contact=f"+7903555443{number}",
        data_consent="Согласие",
        created_at=timezone.now(),
        proved_at=timezone.now(),
    )
    return token


def press(token: str) -> str:
    """Press «book» and return which page that leads to."""
    answer = Client().post(f"/book/go/{token}/code/", {"figures": "000000"})
    assert answer.status_code == 302
    return str(answer.headers["Location"]).partition("?")[0].rstrip("/").rpartition("/")[2]


@pytest.mark.django_db(transaction=True)
def test_one_of_many_gets_the_last_time(clock: time_machine.Traveller) -> None:
    OnlineSetting.objects.create(pk=1, is_open=True)
    clinic = make_clinic()
    tokens = [prove(clinic, number, clinic.at("10:00")) for number in range(RIVALS)]

    ends = run_at_once([partial(press, token) for token in tokens])

    assert sorted(map(str, ends)) == ["done", *["times"] * (RIVALS - 1)]
    assert Appointment.objects.count() == 1
    assert Patient.objects.filter(first_name="Вера").count() == 1


@pytest.mark.django_db(transaction=True)
def test_presses_from_one_phone_make_one_card(clock: time_machine.Traveller) -> None:
    OnlineSetting.objects.create(pk=1, is_open=True)
    clinic = make_clinic()
    tokens = [prove(clinic, 1, clinic.at(time)) for time in ("10:00", "11:00", "12:00")]

    ends = run_at_once([partial(press, token) for token in tokens])

    assert ends == ["done"] * 3
    assert Appointment.objects.count() == 3
    assert Patient.objects.filter(last_name="Котова1").count() == 1


def person() -> Person:
    return Person(
        party="SELF",
        last_name="Котова",
        first_name="Вера",
        middle_name="",
        birth_on=MORNING.date(),
        booker="",
        phone="+79035554433",
        email="",
        data_consent="Согласие",
        news_consent="",
    )


@pytest.mark.django_db(transaction=True)
def test_wrong_tries_at_once_are_all_counted() -> None:
    OnlineSetting.objects.create(pk=1, is_open=True)
    clinic = make_clinic()
    choice = Choice(
        branch_id=clinic.branch.pk,
        service_id=clinic.service.pk,
        employee_id=clinic.doctor.pk,
        starts_at=clinic.at("10:00"),
    )
    visitor = Visitor(address="203.0.113.7")
    attempt, _token = choose_time(choice=choice, visitor=visitor, now=MORNING)
    later = MORNING.replace(minute=1)
    describe_person(attempt_id=attempt.pk, person=person(), visitor=visitor, now=later)
    code = Message.objects.get().body[5:11]
    guesses = [f"{(int(code) + step) % 1_000_000:06}" for step in range(1, 11)]

    def guess(figures: str) -> str:
        try:
            prove_code(attempt_id=attempt.pk, figures=figures, address="203.0.113.7", now=later)
        except Exception as refusal:  # noqa: BLE001 — what it is, is the result
            return type(refusal).__name__
        return "proved"

    ends = run_at_once([partial(guess, figures) for figures in guesses])

    assert sorted(map(str, ends)) == ["CodeOver"] * 6 + ["CodeWrong"] * 4
    assert attempt.codes.get().tries == 5
