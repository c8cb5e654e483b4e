"""Two hundred requests at once for one time, over real connections to the real web server."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment
from benchmarks.reception.ground import Ground, Size, lay_out
from benchmarks.reception.proofs import count_overlaps
from benchmarks.reception.weakened import drop_rules
from benchmarks.serving import PRODUCT, browsing, serving
from clinic.actions import issue_token
from clinic.models import Role
from tests.databases import database_url

pytestmark = pytest.mark.django_db(transaction=True)

WEAKENED = "benchmarks.reception.weakened_web:application"


def make_ground(*, patients: int) -> Ground:
    """The server's clock is the real one, so the days are too."""
    now = timezone.now()
    size = Size(doctors=2, rooms=2, patients=patients, days=1)
    return lay_out(size, first_on=(now + timedelta(days=7)).date(), now=now)


def book_at_once(ground: Ground, application: str = PRODUCT) -> list[tuple[int, dict[str, Any]]]:
    """Have each patient ask for the same time, and return what each was told."""
    token = issue_token(name="storm", role=Role.ADMINISTRATOR, now=timezone.now()).token
    with serving(database_url(), application) as address:
        return asyncio.run(_ask_together(f"{address}/api/v1/appointments/", token, ground))


async def _ask_together(url: str, token: str, ground: Ground) -> list[tuple[int, dict[str, Any]]]:
    async def ask(patient_id: int) -> tuple[int, dict[str, Any]]:
        order = {
            "patient": patient_id,
            "service": ground.visit_id,
            "employee": ground.employee_ids[0],
            "branch": ground.branch_id,
            "starts_at": ground.days[0].isoformat(),
        }
        key = {"Idempotency-Key": f"one-slot-order-{patient_id}"}
        async with session.post(url, json=order, headers=key) as answer:
            return answer.status, await answer.json(content_type=None)

    async with browsing(connections=0) as session:
        session.headers["Authorization"] = f"Token {token}"
        return await asyncio.gather(*map(ask, ground.patient_ids))


def test_of_two_hundred_one_books_and_the_others_read_other_times() -> None:
    ground = make_ground(patients=200)

    answers = book_at_once(ground)

    told = sorted((status, body.get("code")) for status, body in answers)
    assert told == [(201, None), *[(409, "slot_taken")] * 199]
    refusals = [body for status, body in answers if status == 409]
    assert all(body["detail"] and body["alternatives"] for body in refusals)
    assert Appointment.objects.count() == 1


def test_control_without_locks_and_constraints_several_book() -> None:
    ground = make_ground(patients=16)
    drop_rules()

    answers = book_at_once(ground, WEAKENED)

    assert [status for status, _body in answers].count(201) > 1
    assert count_overlaps()["employees"] > 0
