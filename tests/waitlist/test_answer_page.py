"""The page behind the link of an offer: `/w/…/`."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from appointments.models import Appointment
from messaging.models import Message
from tests.factories import Clinic, make_appointment, make_clinic, make_patient
from tests.waitlist.factories import CLOCK, free, make_entry, offer_all
from waitlist.models import Entry, Offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch, clinic: Clinic) -> datetime:
    """Noon of the day before: the clock of the page."""
    now = clinic.at("12:00") - timedelta(days=1)
    set_clock(monkeypatch, now)
    return now


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("waitlist.views.answer.timezone.now", lambda: now)


def open_offer(clinic: Clinic, now: datetime, **fields: Any) -> tuple[Offer, str]:
    """Offer the time at twelve to one who waits; return the offer and the path of its link."""
    make_entry(clinic, since=now, **fields)
    free(clinic, "12:00", now=now)
    (offer,) = offer_all(now=now)
    found = re.search(r"/w/\S+/", Message.objects.latest("pk").body)
    assert found is not None
    return offer, found[0]


def say(path: str, answer: str, **more: str) -> str:
    response = Client().post(path, {"answer": answer} | more, follow=True)
    return response.content.decode()


def test_looking_changes_nothing(clinic: Clinic, at_noon: datetime, client: Client) -> None:
    offer, path = open_offer(clinic, at_noon)

    for _time in range(3):
        response = client.get(path)
    client.head(path)

    assert response.status_code == 200
    page = response.content.decode()
    assert "Освободилось время" in page
    assert "12:00" in page
    assert clinic.service.name not in page
    assert clinic.doctor.last_name not in page
    offer.refresh_from_db()
    assert offer.status == "PENDING"


def test_yes_books(clinic: Clinic, at_noon: datetime) -> None:
    offer, path = open_offer(clinic, at_noon)

    page = say(path, "accept")

    assert "Вы записаны" in page
    offer.refresh_from_db()
    assert (offer.status, offer.by_patient) == ("ACCEPTED", True)
    assert "Вы записаны" in say(path, "accept")
    assert Appointment.objects.exclude(status="CANCELLED").count() == 1


def test_yes_moves_whoever_wanted_to_come_earlier(clinic: Clinic, at_noon: datetime) -> None:
    patient = make_patient(phone="+79165550000")
    visit = make_appointment(clinic, "16:00", patient=patient)
    _offer, path = open_offer(clinic, at_noon, patient_id=patient.pk, earlier_than_id=visit.pk)
    assert "16:00" in Client().get(path).content.decode()

    say(path, "accept")

    visit.refresh_from_db()
    assert visit.starts_at == clinic.at("12:00")


def test_no_leaves_him_on_the_list(clinic: Clinic, at_noon: datetime) -> None:
    offer, path = open_offer(clinic, at_noon)

    page = say(path, "decline")

    assert "Вы остаётесь в листе ожидания" in page
    offer.refresh_from_db()
    assert offer.status == "DECLINED"
    assert Entry.objects.get().status == "WAITING"


def test_too_late_shows_other_times_of_which_one_can_be_taken(
    clinic: Clinic, at_noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _offer, path = open_offer(clinic, at_noon)
    set_clock(monkeypatch, at_noon + CLOCK)

    late = Client().post(path, {"answer": "accept"})
    page = late.content.decode()

    assert late.status_code == 409
    assert "Это время уже занято" in page
    assert not Appointment.objects.exclude(status="CANCELLED").exists()
    times = re.findall(r'name="take" value="([^"]+)"', page)
    assert times

    assert "Вы записаны" in say(path, "take", take=times[-1])
    entry = Entry.objects.get()
    assert entry.status == "BOOKED"


def test_whoever_no_longer_waits_leaves_the_list(
    clinic: Clinic, at_noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _offer, path = open_offer(clinic, at_noon)
    set_clock(monkeypatch, at_noon + CLOCK)

    assert "Вас нет в листе ожидания" in say(path, "leave")

    entry = Entry.objects.get()
    assert (entry.status, entry.end_reason) == ("WITHDRAWN", "PATIENT_ASKED")


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"answer": "?"},
        {"answer": "take"},
        {"answer": "take", "take": "1 2 3"},
        {"answer": "take", "take": "9999999999999999999999 1 2026-12-01T09:00:00+00:00"},
        {"answer": "take", "take": "1 1 2026-13-45T09:00:00+00:00"},
        {"answer": "take", "take": "1 1 2026-12-01T09:00:00"},
    ],
)
def test_nonsense_changes_nothing(
    clinic: Clinic, at_noon: datetime, posted: dict[str, str]
) -> None:
    offer, path = open_offer(clinic, at_noon)

    assert Client().post(path, posted).status_code == 422

    offer.refresh_from_db()
    assert offer.status == "PENDING"


def test_a_time_that_is_not_shown_cannot_be_taken(clinic: Clinic, at_noon: datetime) -> None:
    _offer, path = open_offer(clinic, at_noon)
    night = clinic.at("03:00").isoformat()
    take = f"{clinic.doctor.pk} {clinic.branch.pk} {night}"

    assert Client().post(path, {"answer": "take", "take": take}).status_code == 409
    assert not Appointment.objects.exclude(status="CANCELLED").exists()


def test_the_link_of_another_purpose_opens_nothing(client: Client, db: None) -> None:
    assert client.get("/w/aaaaaaaaaaaaaaaaaaaaaa/").status_code == 404
