"""Slot rescue: freed, offered, filled, saved, and the rows behind each figure."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, User
from reports.queries.rescue import RescueFilter, list_freed, read_rescue
from tests.factories import Clinic, make_appointment, make_clinic, make_patient
from tests.waitlist.factories import NOW, cancel, deliver_all, free, make_entry, offer_all
from waitlist.actions import accept_offer

pytestmark = pytest.mark.django_db

WANTED = RescueFilter(since=date(2026, 11, 1), until=date(2026, 12, 1))


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow, price=Decimal(2500))


def fill_one(clinic: Clinic) -> None:
    """Three times are freed; one is taken by a newcomer six minutes later, two are not wanted."""
    make_entry(clinic)
    free(clinic, "12:00")
    (offer,) = offer_all()
    later = NOW + timedelta(minutes=6)
    accept_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=later)
    free(clinic, "14:00"), free(clinic, "15:00")
    deliver_all(now=later)
    offer_all(now=later)


def test_what_was_freed_offered_filled_and_saved(clinic: Clinic) -> None:
    fill_one(clinic)

    total = read_rescue(wanted=WANTED).total

    assert (total.freed, total.offered, total.filled) == (3, 1, 1)
    assert (total.saved, total.to_fill) == (Decimal(2500), timedelta(minutes=6))
    for step in ("freed", "offered", "filled"):
        assert list_freed(wanted=WANTED, step=step).count() == getattr(total, step)


def test_whoever_only_came_earlier_saves_nothing(clinic: Clinic) -> None:
    patient = make_patient(phone="+79165550000")
    visit = make_appointment(clinic, "16:00", patient=patient)
    make_entry(clinic, patient_id=patient.pk, earlier_than_id=visit.pk)
    free(clinic, "12:00")
    (offer,) = offer_all()
    accept_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW)

    total = read_rescue(wanted=WANTED).total

    assert (total.filled, total.saved) == (1, Decimal(0))


def test_a_visit_cancelled_again_saves_nothing(clinic: Clinic) -> None:
    make_entry(clinic)
    free(clinic, "12:00")
    (offer,) = offer_all()
    cancel(accept_offer(offer_id=offer.pk, by_patient=True, actor_id=None, now=NOW))

    assert read_rescue(wanted=WANTED).total.saved == Decimal(0)


def test_the_page_its_rows_and_its_file(
    clinic: Clinic, viktor: User, client_for: Callable[[User], Client]
) -> None:
    fill_one(clinic)
    manager = client_for(viktor)
    rows = reverse("reports:rescue_rows")

    page = manager.get(reverse("reports:rescue")).content.decode().replace("\xa0", " ")
    assert "2 500 ₽" in page
    assert "6 мин" in page
    assert clinic.doctor.short_name in page
    behind = manager.get(rows, {"step": "filled", "doctor": str(clinic.doctor.pk)}).content.decode()
    assert "занято из листа ожидания" in behind
    file = manager.get(rows, {"step": "freed", "as": "csv"}).content.decode()
    assert len(file.strip().splitlines()) == 4
    assert manager.get(rows, {"step": "?", "branch": "x", "period": "?"}).status_code == 200


def test_an_empty_period_says_so(
    clinic: Clinic, viktor: User, client_for: Callable[[User], Client]
) -> None:
    page = client_for(viktor).get(reverse("reports:rescue")).content.decode()

    assert "ничего не освобождалось" in page
