"""A patient books himself: every page without scripts, cookies or an account."""

from datetime import date

import pytest
import time_machine

from appointments.models import Appointment, Hold
from intake.models import Request, RequestStatus
from messaging.models import Message
from online.models import Attempt, OnlineSetting
from patients.models import Consent, ContactPoint, Patient, Source
from tests.factories import Clinic, make_branch, make_employee, make_patient, make_shift
from tests.online.visitors import Visitor, read_code, text_of


@pytest.fixture
def visitor(clinic: Clinic, clock: time_machine.Traveller) -> Visitor:
    return Visitor(clinic, clock)


def test_a_visitor_books_in_four_pages(visitor: Visitor, clinic: Clinic) -> None:
    start = visitor.get("/book/")
    branch = visitor.get(start.url)
    assert clinic.service.name in branch.content.decode()

    done = visitor.book("10:00")

    assert done.status_code == 302
    assert "Вы записаны" in text_of(visitor.get(done.url))
    booked = Appointment.objects.get()
    assert (booked.starts_at, booked.employee) == (clinic.at("10:00"), clinic.doctor)
    assert booked.source is not None
    assert booked.source.code == "online"
    patient = booked.patient
    assert (patient.last_name, patient.birth_on) == ("Котова", date(1985, 3, 12))
    assert patient.contacts.get().value == "+79035554433"
    assert not Hold.objects.exists()
    assert not visitor.client.cookies


def test_the_time_is_held_while_somebody_writes(visitor: Visitor, clinic: Clinic) -> None:
    visitor.begin("10:00")

    assert Hold.objects.get().starts_at == clinic.at("10:00")
    other = Visitor(clinic, visitor.clock, at="203.0.113.8")
    assert visitor.slot("10:00") not in other.get(other.times).content.decode()
    refused = other.choose("10:00")
    assert refused.status_code == 409
    assert "Выберите другое" in text_of(refused)
    assert visitor.slot("10:30") in refused.content.decode()


def test_consents_are_kept_with_their_words_and_never_assumed(visitor: Visitor) -> None:
    page = visitor.begin()
    assert " checked" not in visitor.get(page).content.decode().split("data_agreed")[1]
    refused = visitor.describe(page, data_agreed="")
    assert refused.status_code == 422
    assert "Котова" in refused.content.decode()
    assert Attempt.objects.get().last_name == ""

    visitor.post(visitor.describe(page).url, figures=read_code())

    consent = Consent.objects.get()
    assert (consent.purpose, consent.origin) == ("PERSONAL_DATA", "ONLINE")
    assert consent.text.startswith("Я даю")
    assert consent.ip == visitor.at


def test_marketing_is_a_consent_of_its_own(visitor: Visitor) -> None:
    visitor.book(news_agreed="on")

    assert set(Consent.objects.values_list("purpose", "channel")) == {
        ("PERSONAL_DATA", ""),
        ("MARKETING", "SMS"),
    }


def test_a_parent_books_a_child(visitor: Visitor) -> None:
    page = visitor.begin()
    refused = visitor.describe(page, party="CHILD")
    assert refused.status_code == 422

    answer = visitor.describe(page, party="CHILD", booker="Котова Вера", first_name="Миша")
    visitor.post(answer.url, figures=read_code())

    booked = Appointment.objects.get()
    assert booked.patient.first_name == "Миша"
    assert booked.patient.contacts.get().owner == ContactPoint.Owner.GUARDIAN
    assert "Котова Вера" in booked.note


def test_a_known_patient_keeps_one_card(visitor: Visitor) -> None:
    known = make_patient(last_name="Котова", first_name="Вера", birth_on=None, phone="+79035554433")
    husband = make_patient(last_name="Котов", first_name="Пётр", phone="+79035554433")

    visitor.book()

    assert Appointment.objects.get().patient == known
    assert Patient.objects.filter(pk__gt=husband.pk).count() == 0


@pytest.mark.parametrize(
    "other",
    [{"first_name": "Варвара"}, {"birth_on": "12.03.2015"}, {"middle_name": "Олеговна"}],
)
def test_a_shared_phone_is_no_proof_of_who_it_is(visitor: Visitor, other: dict[str, str]) -> None:
    known = make_patient(
        last_name="Котова",
        first_name="Вера",
        middle_name="Игоревна",
        birth_on=date(1985, 3, 12),
        phone="+79035554433",
    )

    visitor.book(**other)

    assert Appointment.objects.get().patient != known


def test_the_advertisement_stays_with_the_booking(visitor: Visitor) -> None:
    direct = Source.objects.create(code="yandex", name="Директ")
    marks = "&utm_source=yandex&utm_campaign=spina"

    answer = visitor.choose(path=visitor.times + marks)
    assert "utm_campaign=spina" in answer.url
    visitor.clock.shift(20)
    visitor.post(visitor.describe(answer.url).url, figures=read_code())

    booked, request = Appointment.objects.get(), Request.objects.get()
    assert booked.source == request.source == direct
    assert request.utm == {"utm_source": "yandex", "utm_campaign": "spina"}
    assert (request.status, request.appointment) == (RequestStatus.BOOKED, booked)


def test_a_lost_time_costs_nothing_that_was_written(visitor: Visitor, clinic: Clinic) -> None:
    page = visitor.ask_for_code("10:00")
    Hold.objects.all().delete()
    rival = Visitor(clinic, visitor.clock, at="203.0.113.9")
    rival.book("10:00", phone="8 903 111-22-33", last_name="Соперник")

    code = Message.objects.filter(address="+79035554433").latest("pk").body[5:11]
    lost = visitor.post(page, figures=code)
    offered = visitor.get(lost.url)
    assert "только что заняли" in text_of(offered)
    done = visitor.choose("11:00", path=lost.url)

    assert done.url.partition("?")[0].endswith("/done/")
    booked = Appointment.objects.get(patient__last_name="Котова")
    assert booked.starts_at == clinic.at("11:00")


def test_a_second_press_books_once(visitor: Visitor) -> None:
    page = visitor.ask_for_code()
    code = read_code()

    answers = [visitor.post(page, figures=code) for _press in range(3)]

    assert {answer.status_code for answer in answers} == {302}
    assert Appointment.objects.count() == 1


def test_pages_speak_english(visitor: Visitor) -> None:
    page = text_of(visitor.get(visitor.times.replace("lang=ru", "lang=en")))

    assert "Choose a time" in page


def test_the_clock_of_another_zone_is_named(visitor: Visitor, clinic: Clinic) -> None:
    assert " hidden>" in visitor.get(visitor.times).content.decode()
    east = make_branch(name="Восток", city="Пермь", time_zone="Asia/Yekaterinburg")
    doctor = make_employee(branches=[east], services=[clinic.service])
    make_shift(doctor, east)

    page = visitor.get(visitor.times)

    assert "Время указано по городу Москва" in text_of(page)
    assert "data-zone" in page.content.decode()
    assert " hidden>" not in page.content.decode()


def test_a_clinic_that_has_not_opened_asks_to_call(visitor: Visitor) -> None:
    OnlineSetting.objects.update(is_open=False)

    for path in ("/book/", visitor.times):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert "+7" in text_of(answer)
    assert visitor.choose().status_code == 404
    assert not Hold.objects.exists()


def test_an_attempt_ends_after_an_hour(visitor: Visitor) -> None:
    page = visitor.begin()
    visitor.clock.shift(3600)

    answer = visitor.get(page)

    assert answer.status_code == 404
    assert "заново" in text_of(answer)


def test_the_end_leads_to_the_page_of_the_visit(visitor: Visitor) -> None:
    done = visitor.book().url

    answer = visitor.post(done)

    assert answer.status_code == 302
    assert answer.url.startswith("/v/")
    assert visitor.get(answer.url).status_code == 200
