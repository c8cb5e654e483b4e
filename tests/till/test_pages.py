import csv
from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from appointments.actions import refund_payment
from appointments.models import Appointment, Payment
from clinic.models import User
from desk.actions.check_out import CheckOutOrder, check_out
from patients.models import AccessEntry
from tests.factories import Clinic
from tests.till.conftest import NOON
from till.models import TillShift
from till.views import FORMULA

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def desk(client_for: SignIn, olga: User) -> Client:
    return client_for(olga)


@pytest.fixture
def paid(booked: Appointment, olga: User) -> Payment:
    order = CheckOutOrder(lines=None, key="k" * 8, cash=Decimal(2500))
    check_out(appointment_id=booked.pk, order=order, actor_id=olga.pk, now=NOON)
    return Payment.objects.get()


def show(client: Client, name: str, **query: str) -> str:
    return client.get(reverse(name), query).content.decode().replace("\xa0", " ")


def test_the_till_shows_today_at_the_branch(desk: Client, paid: Payment) -> None:
    page = show(desk, "till:till")

    assert "2 500,00 ₽" in page
    assert "way=CASH" in page
    assert "Орлова О." in page


def test_an_empty_day_says_what_fills_it(desk: Client, paid: Payment) -> None:
    page = show(desk, "till:till", since="2026-11-01", until="2026-11-02")

    assert "2 500,00" not in page


def test_a_figure_opens_its_rows_and_the_journal_knows(desk: Client, paid: Payment) -> None:
    page = show(desk, "till:rows", way="MONEY", flow="in", kind="VISIT")

    assert paid.visit.appointment.patient.full_name in page
    assert AccessEntry.objects.get().place == "till:rows"
    assert paid.visit.appointment.patient.full_name not in show(desk, "till:rows", way="CARD")


def test_the_table_runs_no_formula_and_its_taking_is_written_down(
    desk: Client, paid: Payment
) -> None:
    refund_payment(
        payment_id=paid.pk,
        amount=Decimal(100),
        key="back",
        actor_id=None,
        now=NOON,
        reason='=HYPERLINK("http://evil.example")',
    )

    answer = desk.get(reverse("till:export"))

    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(StringIO(text), delimiter=";"))
    assert [row[5] for row in rows[1:]] == ["-100,00", "2500,00"]
    assert rows[1][7].startswith("'=HYPERLINK")
    assert AccessEntry.objects.get().action == "EXPORTED"


@pytest.mark.parametrize("cell", ["=1", "+1", "@a", "\ta", "\ra", "-2+3", "-1,00+2", "-a"])
def test_a_cell_that_could_run_is_told_to_be_text(cell: str) -> None:
    assert FORMULA.match(cell)
    assert not FORMULA.match("-100,00")
    assert not FORMULA.match("2500,00")


def test_the_drawer_is_counted_in_dialogs(desk: Client, paid: Payment) -> None:
    opened = desk.post(reverse("till:open_shift"), {"opening": "5 000"})
    again = desk.post(reverse("till:open_shift"), {"opening": "1"})
    shift = TillShift.objects.get()

    with time_machine.travel(NOON.replace(hour=18), tick=False):
        closed = desk.post(
            reverse("till:close_shift", args=[shift.pk]), {"counted": "7 400,50", "note": ""}
        )

    assert (opened["HX-Refresh"], again.status_code, closed["HX-Refresh"]) == ("true", 422, "true")
    shift.refresh_from_db()
    assert shift.counted == Decimal("7400.50")


def test_who_may_not_see_the_till_does_not(
    client_for: SignIn, dmitry: User, marina: User, clinic: Clinic
) -> None:
    for person in (dmitry, marina):
        assert client_for(person).get(reverse("till:till")).status_code == 403


def test_programs_read_the_till(olga: User, paid: Payment) -> None:
    api = APIClient()
    api.force_authenticate(olga)
    days = {"since": "2026-12-01", "until": "2026-12-02"}

    told = api.get(reverse("till_api:till"), days).json()
    rows = api.get(reverse("till_api:rows"), days).json()

    assert told["money"]["all"]["total"] == "2500.00"
    assert rows["results"][0]["subject"] == paid.visit.appointment_id
