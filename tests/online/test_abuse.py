"""What strangers, programs and thieves of SMS get: little, and the same answer as everybody."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, Hold
from intake.models import Request
from messaging.guard import gather_facts, judge
from messaging.models import Message
from online.actions import SUBJECT_KIND, count_deed, forget_attempts
from online.actions.limits import Visitor as Somebody
from online.models import Attempt, Code, Deed, OnlineSetting, Profile, Trace
from tests.factories import (
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_service,
)
from tests.online.conftest import MORNING
from tests.online.visitors import Visitor, read_code, text_of, wrong


@pytest.fixture
def visitor(clinic: Clinic, clock: time_machine.Traveller) -> Visitor:
    return Visitor(clinic, clock)


def test_a_wrong_code_is_counted_and_the_fifth_ends_it(visitor: Visitor) -> None:
    page = visitor.ask_for_code()
    code = read_code()

    answers = [visitor.post(page, figures=wrong(code)) for _try in range(5)]

    assert {answer.status_code for answer in answers} == {422}
    assert "больше не действует" in text_of(answers[-1])
    assert visitor.post(page, figures=code).status_code == 422
    assert not Appointment.objects.exists()


def test_a_code_is_worth_nothing_to_another_attempt(visitor: Visitor, clinic: Clinic) -> None:
    visitor.book("10:00")
    used = Message.objects.latest("pk").body[5:11]
    visitor.clock.shift(60)

    page = visitor.ask_for_code("11:00")
    if read_code() != used:
        assert visitor.post(page, figures=used).status_code == 422
    visitor.clock.shift(601)
    late = visitor.post(page, figures=read_code())

    assert late.status_code == 422
    assert Appointment.objects.count() == 1


def test_only_the_newest_code_works_and_only_for_the_phone_it_went_to(visitor: Visitor) -> None:
    page = visitor.ask_for_code()
    first = read_code()
    visitor.clock.shift(60)
    visitor.post(page, again="1")

    if read_code() != first:
        assert visitor.post(page, figures=first).status_code == 422
    assert visitor.post(page, figures=read_code()).status_code == 302


def test_changing_the_phone_takes_the_proof_back(visitor: Visitor) -> None:
    page = visitor.ask_for_code()
    attempt = Attempt.objects.get()
    Attempt.objects.update(proved_at=attempt.created_at)

    visitor.describe(page.replace("/code/", "/"), phone="8 903 777-66-55")

    assert Attempt.objects.get().proved_at is None


def test_the_code_is_kept_as_a_hash_and_leaves_the_message_once_sent(visitor: Visitor) -> None:
    visitor.ask_for_code()
    code, kept = read_code(), Code.objects.get()

    assert code.encode() not in bytes(kept.digest)
    message = Message.objects.get()
    assert message.patient_id is None
    assert message.expires_at - message.created_at == timedelta(minutes=10)
    assert message.subject_kind == SUBJECT_KIND


def test_a_code_that_was_used_is_not_sent_any_more(visitor: Visitor) -> None:
    visitor.book()
    message = Message.objects.filter(kind="address_code").get()
    facts = gather_facts([message], lock=False)

    verdict = judge(message, facts, now=MORNING + timedelta(minutes=1))

    assert (verdict.status, verdict.reason) == ("SUPPRESSED", "expired")


def test_a_code_goes_at_night_too(visitor: Visitor) -> None:
    visitor.clock.move_to(MORNING - timedelta(hours=4))
    visitor.ask_for_code()
    message = Message.objects.get()

    verdict = judge(message, gather_facts([message], lock=False), now=message.send_at)

    assert (verdict.status, verdict.address) == ("SENDING", "+79035554433")


def test_one_phone_gets_four_codes_an_hour(visitor: Visitor) -> None:
    page = visitor.ask_for_code()

    answers = []
    for _press in range(4):
        visitor.clock.shift(60)
        answers.append(visitor.post(page, again="1"))

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "позвоните" in text_of(answers[-1])
    assert Message.objects.count() == 4
    elsewhere = Visitor(visitor.clinic, visitor.clock, at="198.51.100.1")
    assert elsewhere.describe(elsewhere.begin("12:00")).status_code == 429


def test_one_address_gets_a_dozen_codes_an_hour(visitor: Visitor) -> None:
    somebody = {"address": "203.0.113.7"}
    for number in range(12):
        count_deed(
            deed=Deed.CODE, visitor=Somebody(contact=f"+7903{number}", **somebody), now=MORNING
        )

    refused = visitor.describe(visitor.begin())

    assert refused.status_code == 429
    assert "Котова" in refused.content.decode()
    assert not Message.objects.exists()


def test_a_whole_network_of_ipv6_is_one_place(visitor: Visitor) -> None:
    for number in range(12):
        somebody = Somebody(address=f"2001:db8:1:2::{number:x}", contact=f"+7903{number}")
        count_deed(deed=Deed.CODE, visitor=somebody, now=MORNING)

    visitor.at = "2001:db8:1:2:ffff::1"

    assert visitor.describe(visitor.begin()).status_code == 429


def test_the_clinic_spends_no_more_than_its_ceiling(visitor: Visitor, clinic: Clinic) -> None:
    OnlineSetting.objects.update(code_price=Decimal(5), code_budget=Decimal(12))
    pages = []
    for number in range(3):
        one = Visitor(clinic, visitor.clock, at=f"203.0.113.{number + 20}")
        pages.append(one.describe(one.begin(f"1{number}:00"), phone=f"8 903 555-44-3{number}"))

    assert [page.status_code for page in pages] == [302, 302, 429]
    assert "Позвоните нам" in text_of(pages[-1])
    assert Trace.objects.filter(deed=Deed.CODE).count() == 2


def test_a_code_by_email_costs_nothing(visitor: Visitor) -> None:
    OnlineSetting.objects.update(code_channel="EMAIL", code_budget=0)

    visitor.book(email="vera@example.ru")

    message = Message.objects.filter(kind="address_code").get()
    assert (message.channel, message.address) == ("EMAIL", "vera@example.ru")
    contacts = Appointment.objects.get().patient.contacts
    assert set(contacts.values_list("value", flat=True)) == {"vera@example.ru", "+79035554433"}


def answer_for(visitor: Visitor, clock: str, phone: str) -> tuple[int, str, int]:
    """What somebody sees who asks for a code, and how many statements it took."""
    page = visitor.begin(clock)
    with CaptureQueriesContext(connection) as queries:
        answer = visitor.describe(page, phone=phone)
    shown = text_of(visitor.get(answer.url)).replace(phone[-5:], "")
    return answer.status_code, shown.partition("Шаг 4")[2][:120], len(queries)


def test_the_answer_is_the_same_for_a_patients_phone_and_a_strangers(
    visitor: Visitor, clinic: Clinic
) -> None:
    make_patient(last_name="Котова", first_name="Вера", phone="+79035554433")
    stranger = Visitor(clinic, visitor.clock, at="203.0.113.77")

    known = answer_for(visitor, "10:00", "8 903 555-44-33")
    unknown = answer_for(stranger, "11:00", "8 903 555-44-11")

    assert known[0] == unknown[0] == 302
    assert known[1].replace("44-33", "") == unknown[1].replace("44-11", "")
    assert known[2] == unknown[2]


def test_nothing_of_a_card_shows_even_after_the_proof(visitor: Visitor, clinic: Clinic) -> None:
    make_patient(last_name="Секретов", first_name="Илья", phone="+79035554433")

    done = visitor.book()

    page = visitor.get(done.url).content.decode()
    assert "Секретов" not in page
    assert "Илья" not in page


def test_that_somebody_is_booked_elsewhere_is_not_told(visitor: Visitor, clinic: Clinic) -> None:
    known = make_patient(last_name="Котова", first_name="Вера", birth_on=None, phone="+79035554433")
    page = visitor.ask_for_code("10:00")
    elsewhere = make_employee(branches=[clinic.branch])
    make_appointment(clinic, "10:00", patient=known, employee=elsewhere, room=None)
    lost = visitor.post(page, figures=read_code())

    assert "только что заняли" in text_of(visitor.get(lost.url))
    assert "уже есть запись" not in text_of(visitor.get(lost.url))


def test_programs_fall_into_the_traps(visitor: Visitor) -> None:
    page = visitor.choose().url
    assert visitor.describe(page).status_code == 422  # in no time at all
    visitor.clock.shift(20)
    trapped = visitor.describe(page, website="https://spam.example")
    assert trapped.status_code == 422

    assert not Message.objects.exists()
    assert visitor.describe(page).status_code == 302


def test_holding_everything_is_not_possible(visitor: Visitor, clinic: Clinic) -> None:
    for half_hour in range(12):
        clock = f"{9 + half_hour // 2:02}:{30 * (half_hour % 2):02}"
        assert visitor.choose(clock).status_code == 302

    assert Hold.objects.count() == 10


def test_what_reception_alone_books_does_not_leak(visitor: Visitor, clinic: Clinic) -> None:
    secret = make_service(name="Тайная услуга", is_online=False)
    clinic.doctor.services.add(secret)
    where = f"/book/{clinic.branch.pk}/"
    paths = (where, f"{where}?by=doctor", f"{where}doctor/{clinic.doctor.pk}/")

    assert all("Тайная" not in text_of(visitor.get(path)) for path in paths)
    assert visitor.get(f"{where}times/?service={secret.pk}").status_code == 404
    posted = visitor.post(f"{where}times/?service={secret.pk}", slot=visitor.slot("10:00"))
    assert posted.status_code == 404
    assert not Hold.objects.exists()


def test_a_hidden_doctor_can_be_neither_seen_nor_posted(visitor: Visitor, clinic: Clinic) -> None:
    Profile.objects.create(employee=clinic.doctor, is_shown=False)

    assert visitor.get(visitor.times).status_code == 404
    assert visitor.choose().status_code == 404
    assert not Hold.objects.exists()


@pytest.mark.parametrize("clock", ["08:00", "10:07", "18:00", "07:30"])
def test_a_time_that_was_not_offered_cannot_be_posted(visitor: Visitor, clock: str) -> None:
    assert visitor.choose(clock).status_code == 409
    assert not Hold.objects.exists()


def test_notice_and_horizon_hold_for_what_is_posted(visitor: Visitor, clinic: Clinic) -> None:
    clinic.service.notice = timedelta(hours=3)
    clinic.service.save()

    assert visitor.slot("10:30") not in visitor.get(visitor.times).content.decode()
    assert visitor.choose("10:30").status_code == 409


@pytest.mark.parametrize("slot", ["", "@", "1@x", "x@2026-12-01T10:00:00+03:00", "\0", "9" * 40])
def test_nonsense_is_answered_with_times(visitor: Visitor, slot: str) -> None:
    assert visitor.post(visitor.times, slot=slot).status_code == 409


def test_visitors_are_forgotten_and_bookings_stay(visitor: Visitor) -> None:
    visitor.book()

    assert forget_attempts(now=MORNING + timedelta(days=1)) == 0
    assert forget_attempts(now=MORNING + timedelta(days=3)) > 0

    assert not Attempt.objects.exists()
    assert not Trace.objects.exists()
    assert Appointment.objects.count() == Request.objects.count() == 1


@pytest.mark.parametrize("phone", ["+44 7911 123456", "+375 29 123-45-67", "+7 495 123-45-67"])
def test_a_code_goes_to_russian_mobile_phones_alone(visitor: Visitor, phone: str) -> None:
    page = visitor.describe(visitor.begin(), phone=phone)

    assert page.status_code == 422
    assert "только на российские мобильные" in page.content.decode()
    assert not Message.objects.exists()


def test_a_made_up_name_of_a_photo_is_not_found(visitor: Visitor) -> None:
    assert visitor.client.get("/book/photos/%00.webp").status_code == 404
