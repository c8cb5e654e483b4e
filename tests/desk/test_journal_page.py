from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from clinic.models import User
from desk.queries.journal import PAGE, JournalFilter, list_entries
from patients.actions import record_access
from patients.models import Patient
from tests.factories import make_patient

NOON = datetime(2026, 12, 1, 9, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")
SignIn = Callable[[User], Client]


def opened(patient: Patient, by: User, **fields: Any) -> None:
    defaults: dict[str, Any] = {
        "action": "OPENED",
        "place": "desk:card",
        "ip": "10.0.0.5",
        "now": NOON,
    }
    record_access(patient_id=patient.pk, actor_id=by.pk, **defaults | fields)


def seen(**wanted: Any) -> list[tuple[str, int]]:
    page = list_entries(wanted=JournalFilter(**wanted), zone=MOSCOW)
    return [(row.actor, row.patient_id) for row in page.rows]


def test_the_journal_says_who_opened_whose_card_when_and_from_where(
    viktor: User, olga: User, client_for: SignIn
) -> None:
    patient = make_patient(last_name="Иванова")
    opened(patient, olga)

    page = client_for(viktor).get("/journal/").content.decode()

    for told in ("Иванова", "Орлова О.", "01.12.2026, 12:00", "10.0.0.5", "Карта"):
        assert told in page


def test_the_journal_is_narrowed(olga: User, dmitry: User) -> None:
    anna, boris = make_patient(last_name="Анина"), make_patient(last_name="Борисов")
    opened(anna, olga)
    opened(boris, dmitry, action="EXPORTED", now=NOON + timedelta(days=1))

    assert seen() == [("Дмитриев Д.", boris.pk), ("Орлова О.", anna.pk)]
    assert seen(patient_id=anna.pk) == [("Орлова О.", anna.pk)]
    assert seen(text="борис") == [("Дмитриев Д.", boris.pk)]
    assert seen(text="никто") == []
    assert seen(actor_id=olga.pk) == [("Орлова О.", anna.pk)]
    assert seen(action="EXPORTED") == [("Дмитриев Д.", boris.pk)]


def test_days_are_those_of_the_branch(olga: User) -> None:
    late = make_patient()
    opened(late, olga, now=datetime(2026, 12, 1, 21, 30, tzinfo=UTC))  # 2 December in Moscow

    assert seen(until=date(2026, 12, 1)) == []
    assert len(seen(since=date(2026, 12, 2), until=date(2026, 12, 2))) == 1


def test_older_entries_follow_without_a_gap(olga: User) -> None:
    patients = [make_patient() for _ in range(PAGE + 3)]
    for number, patient in enumerate(patients):
        opened(patient, olga, now=NOON + timedelta(minutes=number // 4))

    first = list_entries(wanted=JournalFilter(), zone=MOSCOW)
    second = list_entries(wanted=JournalFilter(before=first.before), zone=MOSCOW)

    ids = [row.patient_id for page in (first, second) for row in page.rows]
    assert ids == [patient.pk for patient in reversed(patients)]
    assert second.before is None


@pytest.mark.parametrize("times", [1, 10])
def test_the_page_costs_the_same_however_much_is_in_it(
    viktor: User,
    olga: User,
    client_for: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
    times: int,
) -> None:
    for _ in range(times):
        opened(make_patient(), olga)
    client = client_for(viktor)

    with django_assert_num_queries(7):
        client.get("/journal/")


@pytest.mark.parametrize("who", ["olga", "dmitry", "marina", "stranger"])
def test_only_the_manager_reads_it(
    who: str, request: pytest.FixtureRequest, client_for: SignIn
) -> None:
    assert client_for(request.getfixturevalue(who)).get("/journal/").status_code == 403


def test_nonsense_in_the_address_narrows_nothing(
    viktor: User, olga: User, client_for: SignIn
) -> None:
    opened(make_patient(last_name="Иванова"), olga)

    page = client_for(viktor).get("/journal/?since=x&actor=y&before=0&patient=-1&action=z")

    assert "Иванова" in page.content.decode()
