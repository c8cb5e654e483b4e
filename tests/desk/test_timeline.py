from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from appointments import events as visits
from clinic.formats import format_money
from clinic.models import User
from desk.queries.timeline import MANNERS, PAGE, Group, list_timeline
from documents import events as papers
from outbox.actions import record_event
from outbox.events import EVENTS, DomainEvent
from outbox.models import Event
from patients import events as cards
from tests.factories import Clinic, make_appointment, make_clinic, make_patient

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)
SignIn = Callable[[User], Client]

ABOUT_NOBODY = (
    "campaigns.Segment",
    "clinic.",
    "documents.Template",
    "intake.Import",
    "messaging.Channel",
    "till.",
)

# Told by another fact of the same moment.
UNTOLD = {
    "appointments.PatientCalled",
    "appointments.VisitStarted",
    "messaging.MessageDelivered",
    "prescriptions.SessionBooked",
}


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()


def happened(event: DomainEvent, *, minutes: int = 0, actor: User | None = None) -> Event:
    return record_event(
        event, actor_id=actor.pk if actor else None, now=NOW + timedelta(minutes=minutes)
    )


def booked(clinic: Clinic, **fields: Any) -> visits.AppointmentBooked:
    visit = make_appointment(clinic, **fields)
    return visits.AppointmentBooked(patient_id=clinic.patient.pk, appointment_id=visit.pk)


def told(clinic: Clinic, **asked: Any) -> list[tuple[str, str]]:
    page = list_timeline(patient_id=clinic.patient.pk, **asked)
    return [(line.title, line.text) for line in page.lines]


def test_every_fact_about_a_patient_is_told() -> None:
    """A new event needs a teller in `desk.queries.timeline`, or a line above."""
    facts = {
        name
        for name, event in EVENTS.items()
        if not event.__module__.startswith("tests") and not event.__subclasses__()
    }
    facts = {name for name in facts if not name.startswith(ABOUT_NOBODY)}

    assert facts - set(MANNERS) == UNTOLD


def test_a_booking_is_told_as_it_was_made(clinic: Clinic, olga: User) -> None:
    fact = booked(clinic, clock="10:00")
    happened(fact, actor=olga)

    page = list_timeline(patient_id=clinic.patient.pk)

    line = page.lines[0]
    doctor = clinic.doctor.short_name
    assert line.title == "Запись на 01.12.2026, 10:00"
    assert line.text == f"{clinic.service} · {doctor} · {clinic.branch}"
    assert (line.actor, line.at) == ("Орлова О.", NOW)


def test_a_move_does_not_rewrite_the_booking_before_it(clinic: Clinic) -> None:
    fact = booked(clinic, clock="12:00")
    happened(fact)
    moved = visits.AppointmentMoved(
        patient_id=clinic.patient.pk,
        appointment_id=fact.appointment_id,
        from_start=clinic.at("10:00").isoformat(),
        to_start=clinic.at("12:00").isoformat(),
    )
    happened(moved, minutes=5)

    titles = [title for title, _text in told(clinic)]

    assert titles == ["Запись перенесена на 01.12.2026, 12:00", "Запись на 01.12.2026, 10:00"]


def test_the_newest_comes_first_and_pages_follow_without_a_gap(clinic: Clinic) -> None:
    stored = [
        happened(
            cards.PatientChanged(patient_id=clinic.patient.pk, fields=("note",)), minutes=n // 3
        )
        for n in range(2 * PAGE + 3)
    ]

    seen, before = [], None
    while True:
        page = list_timeline(patient_id=clinic.patient.pk, before=before)
        seen += [line.at for line in page.lines]
        before = page.before
        if before is None:
            break

    assert seen == [event.occurred_at for event in reversed(stored)]


def test_a_timeline_is_narrowed_to_a_group(clinic: Clinic) -> None:
    happened(booked(clinic))
    happened(cards.PatientAdded(patient_id=clinic.patient.pk))

    assert [title for title, _ in told(clinic, group=Group.CARD)] == ["Карта заведена"]
    assert len(told(clinic)) == 2
    assert told(clinic, group=Group.MONEY) == []


def test_nobody_elses_facts_are_told(clinic: Clinic) -> None:
    other = make_patient()
    theirs = happened(cards.PatientAdded(patient_id=other.pk))

    assert told(clinic) == []
    assert told(clinic, before=theirs.pk) == []


def test_changed_fields_are_named_in_words(clinic: Clinic) -> None:
    fields = ("last_name", "branch_id", "contacts", "relations")
    happened(cards.PatientChanged(patient_id=clinic.patient.pk, fields=fields))

    assert told(clinic) == [("Карта изменена", "фамилия, основной филиал, контакты, семья")]


def test_money_is_told_with_its_sums(clinic: Clinic) -> None:
    fact = booked(clinic)
    happened(
        visits.PaymentTaken(
            patient_id=clinic.patient.pk,
            appointment_id=fact.appointment_id,
            payment_id=1,
            method="CARD",
            amount="2500.00",
        )
    )

    title, text = told(clinic)[0]

    assert title == f"Оплата {format_money(Decimal(2500))}"
    assert text.endswith(f"{clinic.service} · {clinic.doctor.short_name} · {clinic.branch}")


def test_a_fact_whose_row_is_gone_is_still_told(clinic: Clinic) -> None:
    happened(visits.AppointmentMissed(patient_id=clinic.patient.pk, appointment_id=999_999))

    assert told(clinic) == [("Неявка", "")]


@pytest.mark.parametrize("times", [1, 8])
def test_facts_are_read_in_bulk(
    clinic: Clinic,
    olga: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    times: int,
) -> None:
    for number in range(times):
        fact = booked(clinic, clock=f"{9 + number:02}:00")
        happened(fact, actor=olga)

    with django_assert_num_queries(4):
        list_timeline(patient_id=clinic.patient.pk)


def test_the_page_loads_what_came_before(clinic: Clinic, olga: User, client_for: SignIn) -> None:
    first = happened(cards.PatientAdded(patient_id=clinic.patient.pk))
    second = happened(booked(clinic), minutes=1)
    address = f"/patients/{clinic.patient.pk}/timeline/"
    client = client_for(olga)

    earlier = client.get(f"{address}?before={second.pk}").content.decode()
    nothing = client.get(f"{address}?before={first.pk}&group=card").content.decode()
    narrowed = client.get(f"{address}?group=card").content.decode()

    assert "Карта заведена" in earlier
    assert "Запись на" not in earlier
    assert "line-item" not in nothing
    assert "Карта заведена" in narrowed
    assert 'aria-pressed="true"' in narrowed


def test_nonsense_in_the_address_is_the_whole_timeline(
    clinic: Clinic, olga: User, client_for: SignIn
) -> None:
    happened(cards.PatientAdded(patient_id=clinic.patient.pk))

    page = client_for(olga).get(f"/patients/{clinic.patient.pk}/timeline/?group=x&before=y")

    assert "Карта заведена" in page.content.decode()


def test_a_document_is_told_with_its_kind_and_number(clinic: Clinic) -> None:
    visit = make_appointment(clinic)
    happened(
        papers.DocumentMade(
            patient_id=clinic.patient.pk,
            document_id=1,
            kind="ACT",
            number=17,
            appointment_id=visit.pk,
        )
    )

    ((title, text),) = told(clinic)

    assert title == "Оформлен документ: акт № 17"
    assert str(clinic.service) in text
