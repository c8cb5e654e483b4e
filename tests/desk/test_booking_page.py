from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.actions import HoldOrder, hold_slot
from appointments.models import Appointment, Hold
from clinic.models import OwnTerms, Service
from outbox.models import Event
from patients.models import AccessEntry, ContactPoint, Patient
from tests.factories import (
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_service,
    make_shift,
    make_source,
)

BOOKING = reverse("desk:booking")


def fill(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    """The form as reception fills it."""
    filled: dict[str, Any] = {
        "patient": clinic.patient.pk,
        "employee": clinic.doctor.pk,
        "service": clinic.service.pk,
        "on": "2026-12-01",
        "clock": "10:00",
        "note": "",
        "key": str(uuid4()),
    }
    return filled | fields


def test_reception_books(desk: Client, clinic: Clinic) -> None:
    source = make_source()

    response = desk.post(BOOKING, fill(clinic, source=source.pk, note="просила у окна"))

    assert response.status_code == 204
    booked = Appointment.objects.get()
    assert booked.starts_at == clinic.at("10:00")
    assert (booked.source, booked.note) == (source, "просила у окна")
    assert "appointments-changed" in response["HX-Trigger"]


def test_the_dialog_opens_with_what_was_pressed(desk: Client, clinic: Clinic) -> None:
    asked = {"on": "2026-12-01", "clock": "10:15", "employee": str(clinic.doctor.pk)}

    response = desk.get(BOOKING, asked)

    form = response.context["form"]
    assert (form["on"].value(), form["clock"].value()) == ("2026-12-01", "10:15")
    assert form["employee"].value() == str(clinic.doctor.pk)
    assert response.context["guest"] is None


def test_the_same_form_twice_books_once(desk: Client, clinic: Clinic) -> None:
    filled = fill(clinic)

    statuses = [desk.post(BOOKING, filled).status_code for _ in range(2)]

    assert statuses == [204, 204]
    assert Appointment.objects.count() == 1


def test_a_taken_time_brings_the_nearest_and_loses_nothing(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", patient=make_patient())
    filled = fill(clinic, note="просила у окна")

    response = desk.post(BOOKING, filled)

    assert response.status_code == 409
    page = response.content.decode()
    assert "Это время только что заняли" in page
    assert "просила у окна" in page
    assert clinic.patient.full_name in page
    offers = [(offer.clock.hour, offer.clock.minute) for offer in response.context["alternatives"]]
    assert offers == [(9, 0), (9, 30), (10, 30)]
    assert Appointment.objects.count() == 1


def test_an_offered_time_books_at_once(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", patient=make_patient())

    response = desk.post(BOOKING, fill(clinic, take=f"{clinic.doctor.pk} 2026-12-01 10:30"))

    assert response.status_code == 204
    assert Appointment.objects.filter(starts_at=clinic.at("10:30")).exists()


def test_a_newcomer_is_added_and_booked(desk: Client, clinic: Clinic) -> None:
    newcomer = {
        "patient": "",
        "new-name": "ковалёва-Дюбуа  анна мария сергеевна",
        "new-phone": "8 (916) 765-43-21",
        "new-born": "12.3.85",
    }

    response = desk.post(BOOKING, fill(clinic, **newcomer))

    assert response.status_code == 204
    patient = Appointment.objects.get().patient
    assert (patient.last_name, patient.first_name) == ("ковалёва-Дюбуа", "анна")
    assert patient.middle_name == "мария сергеевна"
    assert str(patient.birth_on) == "1985-03-12"
    assert ContactPoint.objects.get(patient=patient).value == "+79167654321"


def test_a_newcomer_is_not_added_when_the_time_is_taken(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00", patient=make_patient())
    before = (Patient.objects.count(), Event.objects.count())

    response = desk.post(BOOKING, fill(clinic, patient="", **{"new-name": "Новикова Ольга"}))

    assert response.status_code == 409
    assert "Новикова Ольга" in response.content.decode()
    assert (Patient.objects.count(), Event.objects.count()) == before


def test_a_newcomer_who_looks_known_is_asked_about(desk: Client, clinic: Clinic) -> None:
    known = make_patient(last_name="Новикова", first_name="Ольга", phone="+79035556677")
    newcomer = {"new-name": "Новикова Ольга", "new-phone": "8 903 555-66-77"}

    asked = desk.post(BOOKING, fill(clinic, patient="", **newcomer))
    answered = desk.post(BOOKING, fill(clinic, patient="", not_same_as=[known.pk], **newcomer))

    assert asked.status_code == 409
    assert [candidate.row.id for candidate in asked.context["candidates"]] == [known.pk]
    assert answered.status_code == 204
    assert Patient.objects.filter(last_name="Новикова").count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"patient": ""}, "Выберите пациента"),
        ({"clock": ""}, "Обязательное поле"),
        ({"on": "31.02.2026"}, "дат"),
        ({"patient": "", "new-name": "Новикова", "new-phone": "12"}, "короткий"),
        ({"patient": "", "new-name": "Новикова", "new-born": "31.02.1985"}, "12.03.1985"),
        ({"patient": "", "new-name": ""}, "Обязательное поле"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    desk: Client, clinic: Clinic, fields: dict[str, str], words: str
) -> None:
    response = desk.post(BOOKING, fill(clinic, **fields))

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Appointment.objects.exists()
    assert Patient.objects.count() == 1


def test_services_are_those_of_the_doctor(desk: Client, clinic: Clinic) -> None:
    other = make_service()
    make_employee(branches=[clinic.branch], services=[other])
    address = reverse("desk:booking_times")

    of_doctor = desk.get(address, {"employee": clinic.doctor.pk}).context["form"]
    of_anybody = desk.get(address).context["form"]

    assert list(of_doctor.fields["service"].queryset) == [clinic.service]
    assert set(of_anybody.fields["service"].queryset) == set(Service.objects.all())


def test_free_times_are_shown_for_the_service(desk: Client, clinic: Clinic) -> None:
    make_appointment(clinic, "10:00")
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    make_shift(colleague, clinic.branch, "10:00", "11:00")
    asked = fill(clinic, patient=make_patient().pk)

    shown = desk.get(reverse("desk:booking_times"), asked)

    offers = shown.context["offers"]
    assert [f"{offer.clock:%H:%M}" for offer in offers.of_day[:3]] == ["09:00", "09:30", "10:30"]
    assert [offer.employee_id for offer in offers.of_others] == [colleague.pk] * 2
    assert "только что заняли" in shown.content.decode()
    assert not Event.objects.exists()


def test_a_patient_is_found_and_chosen(desk: Client, clinic: Clinic) -> None:
    patient = make_patient(last_name="Редкозубова", phone="+79261112233")
    make_appointment(clinic, "17:00", patient=patient)

    hits = desk.get(reverse("desk:booking_patients"), {"q": "2233"}).content.decode()
    chosen = desk.get(reverse("desk:booking_patient", args=[patient.pk]))

    assert "Редкозубова" in hits
    page = chosen.content.decode()
    assert f'name="patient" value="{patient.pk}"' in page
    assert "Уже есть запись: 01.12.2026, 17:00" in page
    assert list(AccessEntry.objects.order_by("id").values_list("patient", "action", "place")) == [
        (patient.pk, "LISTED", "desk:booking_patients"),
        (patient.pk, "OPENED", "desk:booking"),
    ]


def test_what_was_searched_fills_the_new_card(desk: Client, clinic: Clinic) -> None:
    address = reverse("desk:booking_newcomer")

    by_name = desk.get(address, {"q": "новикова ольга"}).context["newcomer"]
    by_phone = desk.get(address, {"q": "89035556677"}).context["newcomer"]

    assert by_name["name"].value() == "Новикова Ольга"
    assert by_phone["phone"].value() == "89035556677"


def test_a_rule_is_shown_and_may_be_waived(desk: Client, clinic: Clinic) -> None:
    Service.objects.filter(pk=clinic.service.pk).update(notice=timedelta(hours=12))
    filled = fill(clinic)

    times = desk.get(reverse("desk:booking_times"), filled).content.decode()
    refused = desk.post(BOOKING, filled)
    assert not Appointment.objects.exists()
    booked = desk.post(BOOKING, filled | {"waived": "1"})

    for page in (times, refused.content.decode()):
        assert "записывают не позже чем за 12" in page
        assert "Всё равно записать" in page
    assert (refused.status_code, booked.status_code) == (409, 204)
    assert Appointment.objects.get().starts_at == clinic.at("10:00")


def test_the_price_and_the_length_are_those_of_the_doctor(desk: Client, clinic: Clinic) -> None:
    OwnTerms.objects.create(
        employee=clinic.doctor, service=clinic.service, price=3100, duration=timedelta(minutes=45)
    )

    page = desk.get(reverse("desk:booking_times"), fill(clinic)).content.decode()

    assert "3\N{NO-BREAK SPACE}100,00" in page
    assert "10:00–10:45" in page


def test_a_service_is_added_to_a_visit(desk: Client, clinic: Clinic) -> None:
    first = make_appointment(clinic, "10:00")

    opened = desk.get(BOOKING, {"beside": first.pk})
    refused = desk.post(BOOKING, fill(clinic, clock="10:15", beside=first.pk))
    booked = desk.post(BOOKING, fill(clinic, clock="10:30", beside=first.pk))

    form = opened.context["form"]
    assert (form["clock"].value(), form["beside"].value()) == ("10:30", str(first.pk))
    assert (refused.status_code, booked.status_code) == (409, 204)
    bundles = set(Appointment.objects.values_list("bundle", flat=True))
    assert len(bundles) == 1
    assert None not in bundles
    assert Appointment.objects.count() == 2


def test_closing_the_dialog_lets_go_of_one_s_own_hold_only(desk: Client, clinic: Clinic) -> None:
    desk.post(reverse("desk:booking_hold"), fill(clinic))
    order = HoldOrder(
        owner="site-1",
        service_id=clinic.service.pk,
        employee_id=clinic.doctor.pk,
        branch_id=clinic.branch.pk,
        starts_at=clinic.at("11:00"),
    )
    hold_slot(order=order, actor_id=None, now=timezone.now())

    response = desk.post(reverse("desk:booking_release"))

    assert response.status_code == 204
    assert [held.owner for held in Hold.objects.all()] == ["site-1"]
