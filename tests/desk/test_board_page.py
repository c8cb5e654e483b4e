import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from appointments.models import Visit
from clinic.models import Service, User
from tests.desk.conftest import NINE
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_shift,
    make_time_off,
)


def read_feed(desk: Client, **asked: str) -> dict[str, Any]:
    response = desk.get(reverse("desk:board_feed"), asked)
    assert response.status_code == 200
    feed: dict[str, Any] = response.json()
    return feed


def test_today_is_shown_by_doctor(desk: Client, clinic: Clinic) -> None:
    patient = make_patient(last_name="Ёлкина", first_name="Анна", middle_name="Ильинична")
    make_appointment(clinic, "10:00", patient=patient)

    response = desk.get(reverse("desk:board"))

    assert response.status_code == 200
    page = response.content.decode()
    assert "Вторник, 1 декабря" in page
    assert "Ёлкина Анна Ильинична" in page
    assert clinic.doctor.short_name in page


def test_the_feed_is_on_the_clock_of_the_branch(desk: Client, clinic: Clinic) -> None:
    make_time_off(clinic.doctor, clinic.branch, "13:00", "14:00")
    made = make_appointment(clinic, "10:00", note="после УЗИ")

    feed = read_feed(desk, on=DAY.isoformat())

    (column,) = feed["columns"]
    assert (column["id"], column["hours"]) == (str(clinic.doctor.pk), "09:00–18:00")
    (card,) = feed["cards"]
    assert (card["id"], card["version"], card["column"]) == (made.pk, 1, str(clinic.doctor.pk))
    assert (card["start"], card["end"]) == ("2026-12-01T10:00:00", "2026-12-01T10:30:00")
    assert (card["status"], card["movable"], card["note"]) == ("BOOKED", True, "после УЗИ")
    assert [(p["kind"], p["start"][11:16], p["end"][11:16]) for p in feed["closed"]] == [
        ("OFF", "08:00", "09:00"),
        ("OFF", "18:00", "21:00"),
        ("BREAK", "13:00", "14:00"),
    ]
    assert (feed["offset"], feed["first"], feed["last"]) == ("+03:00", "08:00", "21:00")


def test_the_time_around_a_visit_is_shown_as_taken(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", buffer_after=timedelta(minutes=15))

    (buffer,) = [p for p in read_feed(desk)["closed"] if p["kind"] == "BUFFER"]

    assert (buffer["start"][11:16], buffer["end"][11:16]) == ("10:30", "10:45")
    assert buffer["column"] == str(clinic.doctor.pk)


def test_a_held_time_says_who_holds_it(desk: Client, clinic: Clinic, olga: User) -> None:
    chosen = {"employee": str(clinic.doctor.pk), "service": str(clinic.service.pk)}
    moment = {"on": DAY.isoformat(), "clock": "10:00"}

    answer = desk.post(reverse("desk:booking_hold"), chosen | moment)
    (held,) = [p for p in read_feed(desk)["closed"] if p["kind"] == "HOLD"]
    page = desk.get(reverse("desk:booking_times"), chosen | moment).content.decode()

    assert "время за вами до 09:10" in answer.content.decode()
    assert held["text"] == "Записывает Ольга Орлова, время занято до 09:10"
    assert (held["start"][11:16], held["end"][11:16]) == ("10:00", "10:30")
    assert "10:00–10:30 свободно" in page


def test_what_waits_for_reception_is_counted(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "08:30")
    make_appointment(clinic, "10:00", wants_move=True)
    make_appointment(clinic, "11:00", status="CONFIRMED")
    make_appointment(clinic, "12:00", status="ARRIVED")
    done = make_appointment(clinic, "08:00", status="DONE")
    Visit.objects.create(appointment=done, arrived_at=NINE, total=2500, paid=0)

    counts = read_feed(desk)["counts"]

    assert counts == {
        "unconfirmed": 1,
        "wants_move": 1,
        "late": 1,
        "waiting": 1,
        "unpaid": 1,
        "tomorrow": 0,
    }


def test_in_the_evening_those_of_tomorrow_are_counted(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", on=DAY + timedelta(days=1))
    make_appointment(clinic, "11:00", on=DAY + timedelta(days=1), status="CONFIRMED")

    with time_machine.travel(clinic.at("17:30"), tick=False):
        counts = read_feed(desk)["counts"]
        page = desk.get(reverse("desk:board")).content.decode()

    assert counts["tomorrow"] == 1
    assert "?on=2026-12-02&amp;show=unconfirmed" in page


def test_a_count_opens_its_appointments(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "08:30", patient=make_patient(last_name="Опаздывающая"))
    make_appointment(clinic, "11:00", patient=make_patient(last_name="Своевременная"))

    response = desk.get(reverse("desk:board"), {"show": "late"}, headers={"HX-Request": "true"})

    shown = response.content.decode()
    assert "Опаздывающая" in shown
    assert "Своевременная" not in shown
    assert "<html" not in shown


def test_nothing_new_is_304(desk: Client, clinic: Clinic) -> None:
    address = reverse("desk:board_feed")
    first = desk.get(address)

    again = desk.get(address, headers={"If-None-Match": first["ETag"]})
    make_appointment(clinic, "10:00")
    changed = desk.get(address, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_all_doctors_are_shown_on_demand(desk: Client, clinic: Clinic) -> None:
    idle = make_employee(branches=[clinic.branch], services=list(Service.objects.all()))

    assert str(idle.pk) not in {column["id"] for column in read_feed(desk)["columns"]}
    everybody = {column["id"]: column["hours"] for column in read_feed(desk, all="1")["columns"]}
    assert everybody[str(idle.pk)] == "нет смены"


def test_a_day_without_doctors_says_what_to_do(desk: Client, clinic: Clinic) -> None:
    response = desk.get(reverse("desk:board"), {"on": (DAY + timedelta(days=1)).isoformat()})

    assert "В этот день никто не принимает" in response.content.decode()


@pytest.mark.parametrize("on", ["", "nonsense", "2026-02-31"])
def test_a_day_that_makes_no_sense_is_today(desk: Client, clinic: Clinic, on: str) -> None:
    assert read_feed(desk, on=on)["on"] == "2026-12-01"


def test_a_late_visit_widens_the_day(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "20:45")

    assert read_feed(desk)["last"] == "22:00"


def test_the_page_costs_the_same_however_full_the_day(
    desk: Client,
    clinic: Clinic,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for hour in range(9, 18):
        make_appointment(clinic, f"{hour:02}:00", patient=make_patient())
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch)

    with django_assert_max_num_queries(11):
        desk.get(reverse("desk:board"))
    with django_assert_max_num_queries(11):
        first = desk.get(reverse("desk:board_feed"))
    with django_assert_max_num_queries(5):
        desk.get(reverse("desk:board_feed"), headers={"If-None-Match": first["ETag"]})


def test_the_feed_says_nothing_that_could_leave_its_script(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", note="</script><script>alert(1)</script>")

    page = desk.get(reverse("desk:board")).content.decode()

    assert "<script>alert(1)" not in page
    embedded = page.split('<script id="board-feed" type="application/json">')[1].split("</script>")
    assert json.loads(embedded[0])["cards"][0]["note"] == "</script><script>alert(1)</script>"


def test_what_is_noted_of_an_appointment_is_no_markup(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", note="<b>не звонить</b>")

    page = desk.get(reverse("desk:board")).content.decode()

    assert "&lt;b&gt;не звонить&lt;/b&gt;</span>" in page
    assert "<b>не" not in page
