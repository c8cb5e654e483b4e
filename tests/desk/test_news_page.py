"""The strip of news on the doctor's day, its settings, and the dialog of a delay."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from appointments.models import CalendarFeed, News
from clinic.models import Employee, User
from messaging.models import Message
from tests.desk.conftest import NINE
from tests.factories import Clinic, make_appointment, make_clinic, make_employee, make_patient

pytestmark = pytest.mark.usefixtures("morning")


@pytest.fixture
def clinic(dmitry: User) -> Clinic:
    """Where Dmitry is the doctor."""
    me = Employee.objects.get(user=dmitry)
    made = make_clinic(branch=me.branches.get())
    return Clinic(made.branch, made.rooms, made.service, me, made.patient)


@pytest.fixture
def doctor(client_for: Callable[[User], Client], dmitry: User) -> Client:
    return client_for(dmitry)


def add_news(clinic: Clinic) -> News:
    made = make_appointment(clinic, "12:00")
    return News.objects.create(
        employee=clinic.doctor, appointment=made, kind="BOOKED", version=1, created_at=NINE
    )


def test_news_comes_by_itself_and_brings_the_day_along(clinic: Clinic, doctor: Client) -> None:
    address = reverse("desk:my_day_news")
    quiet = doctor.get(address, {"known": "0"})
    news = add_news(clinic)

    told = doctor.get(address, {"known": "0"})
    again = doctor.get(address, {"known": str(news.pk)})

    assert (quiet.status_code, again.status_code) == (204, 204)
    assert "Записан:" in told.content.decode()
    assert clinic.patient.full_name in told.content.decode()
    assert "appointments-changed" in told.headers["HX-Trigger"]


def test_what_was_understood_goes(clinic: Clinic, doctor: Client) -> None:
    news = add_news(clinic)

    doctor.post(reverse("desk:my_day_news"), {"until": str(news.pk)})

    news.refresh_from_db()
    assert news.seen_at == NINE
    assert "Записан:" not in doctor.get(reverse("desk:my_day")).content.decode()


def test_the_doctor_chooses_letters(clinic: Clinic, doctor: Client) -> None:
    doctor.post(reverse("desk:my_day_notices"), {"mails_news": "on"})

    assert Employee.objects.get(pk=clinic.doctor.pk).mails_news is True


def test_a_calendar_reads_the_secret_address_until_it_is_taken_back(
    clinic: Clinic, doctor: Client, client: Client
) -> None:
    made = make_appointment(clinic, "12:00")
    make_appointment(make_clinic(branch=clinic.branch), "13:00")
    page = doctor.post(reverse("desk:my_day_notices"), {"feed": "issue"})
    address = page.context["address"].partition("/calendar/")[2]

    told = client.get(f"/calendar/{address}")
    doctor.post(reverse("desk:my_day_notices"), {"feed": "revoke"})

    (entry,) = Calendar.from_ical(told.content.decode()).events
    assert entry.decoded("dtstart") == made.starts_at
    for secret in (clinic.patient.last_name, clinic.service.name, clinic.doctor.last_name):
        assert secret not in told.content.decode()
    assert client.get(f"/calendar/{address}").status_code == 404
    assert not CalendarFeed.objects.exists()


def test_a_new_address_stops_the_old_one(clinic: Clinic, doctor: Client, client: Client) -> None:
    addresses = [
        doctor.post(reverse("desk:my_day_notices"), {"feed": "issue"})
        .context["address"]
        .partition("/calendar/")[2]
        for _ in range(2)
    ]

    answers = [client.get(f"/calendar/{address}").status_code for address in addresses]

    assert answers == [404, 200]


def test_an_employee_who_left_has_no_calendar(
    clinic: Clinic, doctor: Client, client: Client
) -> None:
    page = doctor.post(reverse("desk:my_day_notices"), {"feed": "issue"})
    address = page.context["address"].partition("/calendar/")[2]
    Employee.objects.filter(pk=clinic.doctor.pk).update(is_active=False)

    assert client.get(f"/calendar/{address}").status_code == 404


def test_who_waits_is_shown_first_and_told_with_one_tap(clinic: Clinic, doctor: Client) -> None:
    made = make_appointment(clinic, "12:00", patient=make_patient(phone="+79161234599"))
    address = reverse("desk:late", args=[clinic.doctor.pk])

    shown = doctor.get(address, {"minutes": "20"}).content.decode()
    written = Message.objects.count()
    doctor.post(address, {"minutes": "20", "appointment": str(made.pk)})

    assert "12:00 → <b>12:20</b>" in shown
    assert written == 0
    assert Message.objects.get().kind == "running_late"
    assert "уже знает" in doctor.get(address, {"minutes": "20"}).content.decode()


def test_a_doctor_speaks_for_himself_only(clinic: Clinic, doctor: Client) -> None:
    colleague = make_employee(branches=[clinic.branch])

    response = doctor.get(reverse("desk:late", args=[colleague.pk]))

    assert response.status_code == 403


def test_reception_speaks_for_every_doctor(
    clinic: Clinic, client_for: Callable[[User], Client], olga: User
) -> None:
    response = client_for(olga).get(reverse("desk:late", args=[clinic.doctor.pk]))

    assert response.status_code == 200
