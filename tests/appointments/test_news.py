"""Doctors hear at once what changes in their today and tomorrow."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail

from appointments import news_mail
from appointments.actions import (
    book_appointment,
    cancel_appointment,
    mark_arrived,
    mark_news_seen,
    move_appointment,
)
from appointments.models import Appointment, News
from appointments.news_mail import mail_news_next
from appointments.queries import list_news
from clinic.models import Employee, User
from outbox.actions import deliver_next
from tests.appointments.factories import NOW, make_order
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_branch,
    make_clinic,
    make_employee,
    make_shift,
)

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def clinic(dmitry: User) -> Clinic:
    """Where Dmitry is the doctor."""
    me = Employee.objects.get(user=dmitry)
    made = make_clinic(branch=me.branches.get())
    me.services.add(made.service)
    make_shift(me, made.branch)
    return Clinic(made.branch, made.rooms, made.service, me, made.patient)


def hear(now: datetime = NOW) -> None:
    while deliver_next(now=now):
        pass


def book(clinic: Clinic, *, actor_id: int | None = None) -> Appointment:
    made = book_appointment(order=make_order(clinic), actor_id=actor_id, now=NOW)
    hear()
    return made


def kinds(employee: Employee, now: datetime = NOW) -> list[str]:
    return [one.kind for one in list_news(employee_id=employee.pk, now=now)]


def test_a_booking_for_tomorrow_is_news(clinic: Clinic) -> None:
    book(clinic)

    assert kinds(clinic.doctor) == ["BOOKED"]


def test_the_day_after_tomorrow_is_not(clinic: Clinic) -> None:
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=1))
    starts_at = clinic.at("10:00", DAY + timedelta(days=1))

    book_appointment(order=make_order(clinic, starts_at=starts_at), actor_id=None, now=NOW)
    hear()

    assert kinds(clinic.doctor) == []


def test_nobody_is_told_of_what_he_did_himself(clinic: Clinic, dmitry: User) -> None:
    book(clinic, actor_id=dmitry.pk)

    assert not News.objects.exists()


def test_a_move_a_cancellation_and_an_arrival_are_news(clinic: Clinic) -> None:
    made = make_appointment(clinic, "10:00")
    move_appointment(
        appointment_id=made.pk, starts_at=clinic.at("12:00"), version=1, actor_id=None, now=NOW
    )
    hear()
    mark_arrived(appointment_id=made.pk, actor_id=None, now=clinic.at("11:50"))
    hear(clinic.at("11:50"))
    other = make_appointment(clinic, "15:00")
    cancel_appointment(
        appointment_id=other.pk, reason="ILLNESS", by_patient=True, actor_id=None, now=NOW
    )
    hear()

    assert sorted(kinds(clinic.doctor)) == ["ARRIVED", "CANCELLED", "MOVED"]
    assert News.objects.get(kind="MOVED").was_at == clinic.at("10:00")


def test_both_doctors_hear_when_a_visit_goes_from_one_to_the_other(clinic: Clinic) -> None:
    colleague = make_employee(
        User.objects.create_user("masha"), branches=[clinic.branch], services=[clinic.service]
    )
    make_shift(colleague, clinic.branch)
    made = make_appointment(clinic, "10:00")

    move_appointment(
        appointment_id=made.pk,
        starts_at=clinic.at("10:00"),
        employee_id=colleague.pk,
        version=1,
        actor_id=None,
        now=NOW,
    )
    hear()

    assert kinds(clinic.doctor) == ["MOVED_AWAY"]
    assert kinds(colleague) == ["MOVED_IN"]


def test_tomorrow_is_that_of_the_branch(clinic: Clinic) -> None:
    """In Kamchatka it is the second of December when Greenwich has its first."""
    far = make_branch(time_zone="Asia/Kamchatka")
    clinic.doctor.branches.add(far)
    make_shift(clinic.doctor, far, on=DAY + timedelta(days=2))
    there = make_order(
        clinic,
        branch_id=far.pk,
        service_id=clinic.service.pk,
        starts_at=datetime(2026, 12, 2, 22, tzinfo=UTC),
    )
    clinic.service.rooms.clear()
    evening = datetime(2026, 12, 1, 13, tzinfo=UTC)

    book_appointment(order=there, actor_id=None, now=evening)
    hear(evening)

    assert kinds(clinic.doctor, evening) == ["BOOKED"]


def test_what_was_read_is_closed_up_to_there(clinic: Clinic) -> None:
    book(clinic)
    read = News.objects.get()
    make_appointment(clinic, "15:00")
    fresh = News.objects.create(
        employee=clinic.doctor,
        appointment=Appointment.objects.latest("pk"),
        kind="BOOKED",
        version=1,
        created_at=NOW,
    )

    assert mark_news_seen(employee_id=clinic.doctor.pk, until_id=read.pk, now=NOW) == 1

    assert list_news(employee_id=clinic.doctor.pk, now=NOW) == [fresh]


@pytest.fixture
def by_mail(clinic: Clinic) -> Clinic:
    Employee.objects.filter(pk=clinic.doctor.pk).update(mails_news=True, email="d@clinic.test")
    return clinic


def test_several_changes_go_in_one_letter_without_names(by_mail: Clinic) -> None:
    book(by_mail)
    made = make_appointment(by_mail, "15:00", patient=by_mail.patient)
    cancel_appointment(
        appointment_id=made.pk, reason="ILLNESS", by_patient=True, actor_id=None, now=NOW
    )
    hear()

    sent = [mail_news_next(now=LATER) for _ in range(2)]

    (letter,) = mail.outbox
    assert sent == [True, False]
    assert letter.to == ["d@clinic.test"]
    assert "новых записей: 1\nотменено: 1" in letter.body
    assert by_mail.patient.last_name not in letter.body
    assert by_mail.service.name not in letter.body


def test_a_letter_waits_for_what_else_may_come(by_mail: Clinic) -> None:
    book(by_mail)

    assert mail_news_next(now=NOW + timedelta(minutes=1)) is False
    assert mail.outbox == []


def test_without_the_wish_there_is_no_letter(clinic: Clinic) -> None:
    Employee.objects.filter(pk=clinic.doctor.pk).update(email="d@clinic.test")
    book(clinic)

    assert mail_news_next(now=LATER) is False
    assert mail.outbox == []


def test_what_the_mail_server_refused_goes_later(
    by_mail: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> int:
        raise SMTPServerDisconnected

    book(by_mail)
    with monkeypatch.context() as patched:
        patched.setattr(news_mail, "send_mail", refuse)
        refused = mail_news_next(now=LATER)

    assert (refused, mail_news_next(now=LATER)) == (False, True)
    assert len(mail.outbox) == 1
