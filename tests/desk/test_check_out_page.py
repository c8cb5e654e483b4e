from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from appointments.events import PaymentRefunded
from appointments.models import Appointment, Payment, Visit
from clinic.models import Setting, User
from loyalty.handlers import settle_refund
from patients.models import AccessEntry
from tests.desk.conftest import NINE
from tests.factories import (
    Clinic,
    make_appointment,
    make_branch,
    make_clinic,
    make_service,
)
from tests.loyalty.factories import balance_of, give_points
from tests.prescriptions.factories import make_line


@pytest.fixture
def booked(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "09:00")


def address(booked: Appointment) -> str:
    return reverse("desk:check_out", args=[booked.pk])


def filled(booked: Appointment, **fields: object) -> dict[str, object]:
    """The form as it opens, with what was typed."""
    return {
        "lines-TOTAL_FORMS": 2,
        "lines-INITIAL_FORMS": 1,
        "lines-0-service": booked.service_id,
        "lines-0-quantity": "1",
        "lines-0-price": "2 500,00",
        "key": str(uuid4()),
    } | fields


def read(response: Any) -> str:
    text: str = response.content.decode()
    return text.replace("\xa0", " ").replace("\u202f", " ")


def test_the_page_opens_with_the_booked_service(desk: Client, booked: Appointment) -> None:
    give_points(booked.patient_id, 5000, now=NINE)

    page = read(desk.get(address(booked)))

    assert booked.patient.full_name in page
    assert 'name="lines-0-price" value="2500"' in page
    assert '<b data-sum="payable">750</b>' in page
    entry = AccessEntry.objects.get()
    assert (entry.action, entry.place) == ("OPENED", "desk:check_out")


def test_one_post_finishes_and_takes_the_payment(desk: Client, booked: Appointment) -> None:
    second = make_service(name="Массаж")
    booked.employee.services.add(second)
    second_line = {"lines-1-service": second.pk, "lines-1-quantity": "2", "lines-1-price": "1000"}
    posted = filled(booked, card="3 000,50 ₽", cash="2000", **second_line)

    response = desk.post(address(booked), posted, follow=True)

    visit = Visit.objects.get()
    assert (visit.total, visit.paid) == (Decimal(4500), Decimal(4500))
    assert "Оплачено: 4 500,00 ₽" in read(response)
    assert "500,50" in read(response)
    assert reverse("desk:receipt", args=[visit.pk]) in read(response)


def test_a_double_click_is_one_payment(desk: Client, booked: Appointment) -> None:
    posted = filled(booked, card="2500")

    first, second = desk.post(address(booked), posted), desk.post(address(booked), posted)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Payment.objects.count() == 1


def test_a_line_is_removed(desk: Client, booked: Appointment) -> None:
    second = {"lines-1-service": booked.service_id, "lines-1-price": "900", "lines-1-DELETE": "on"}

    desk.post(address(booked), filled(booked, **second))

    assert Visit.objects.get().total == 2500


def test_a_refusal_keeps_what_was_typed(desk: Client, booked: Appointment) -> None:
    response = desk.post(address(booked), filled(booked, card="9 999,5"))

    assert response.status_code == 422
    assert 'value="9 999,5"' in response.content.decode()
    assert response.context["refusal"].code == "payment_too_large"
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"lines-0-price": "дорого"}, "price"),
        ({"lines-0-discount": "2600"}, "discount"),
        ({"lines-0-quantity": "0"}, "quantity"),
    ],
)
def test_a_wrong_line_says_so_beside_the_field(
    desk: Client, booked: Appointment, wrong: dict[str, object], name: str
) -> None:
    response = desk.post(address(booked), filled(booked, **wrong))

    assert response.status_code == 422
    assert name in response.context["lines"].forms[0].errors
    assert not Visit.objects.exists()


def test_a_debt_is_marked_and_the_rest_taken(desk: Client, booked: Appointment) -> None:
    owing = desk.post(address(booked), filled(booked, cash="1000"), follow=True)
    paid = desk.post(address(booked), filled(booked, cash="1500"), follow=True)

    assert "Долг: 1 500,00 ₽" in read(owing)
    assert "Оплачено: 2 500,00 ₽" in read(paid)


def test_a_cancelled_appointment_has_nothing_to_pay(desk: Client, clinic: Clinic) -> None:
    cancelled = make_appointment(clinic, "09:00", status="CANCELLED", cancel_reason="ILLNESS")

    response = desk.get(address(cancelled))

    assert 'id="check-out"' not in response.content.decode()


def test_a_refund_gives_money_back_with_a_reason(desk: Client, booked: Appointment) -> None:
    desk.post(address(booked), filled(booked, card="2500"))
    refund = reverse("desk:refund", args=[Payment.objects.get().pk])
    posted = {"kind": "back", "amount": "500", "reason": "не сделали укол", "key": str(uuid4())}

    answers = [desk.post(refund, posted, headers={"HX-Request": "true"}) for _ in range(2)]

    assert all(answer.headers["HX-Refresh"] == "true" for answer in answers)
    given_back = Payment.objects.get(amount__lt=0)
    assert (given_back.amount, given_back.reason) == (Decimal(-500), "не сделали укол")
    visit = Visit.objects.get()
    assert (visit.total, visit.paid, visit.returned) == (Decimal(2000), Decimal(2000), Decimal(500))


def test_a_payment_by_mistake_is_undone_whole_and_owed_again(
    desk: Client, booked: Appointment
) -> None:
    desk.post(address(booked), filled(booked, card="2500"))
    payment = Payment.objects.get()
    posted = {"kind": "mistake", "amount": "1", "reason": "не та карта", "key": str(uuid4())}

    desk.post(reverse("desk:refund", args=[payment.pk]), posted)

    assert Payment.objects.get(refund_of=payment).amount == Decimal(-2500)
    visit = Visit.objects.get()
    assert (visit.total, visit.paid) == (Decimal(2500), Decimal(0))


def test_what_is_still_to_be_booked_is_offered_before_the_patient_leaves(
    desk: Client, clinic: Clinic, booked: Appointment
) -> None:
    line = make_line(clinic)
    make_appointment(clinic, "15:00")
    desk.post(address(booked), filled(booked, card="2500"))

    html = desk.get(address(booked)).content.decode()

    assert reverse("prescriptions:line", args=[line.pk]) in html
    assert "Уже записан: 01.12.2026, 15:00" in html


def test_refunded_points_come_back(desk: Client, booked: Appointment) -> None:
    give_points(booked.patient_id, 1000, now=NINE)
    desk.post(address(booked), filled(booked, points="700", card="1800"))
    payment = Payment.objects.get(method="POINTS")

    posted = {"kind": "back", "amount": "700", "reason": "ошибка", "key": str(uuid4())}
    desk.post(reverse("desk:refund", args=[payment.pk]), posted)
    given_back = Payment.objects.get(refund_of=payment)
    event = PaymentRefunded(
        patient_id=booked.patient_id,
        appointment_id=booked.pk,
        payment_id=given_back.pk,
        method=given_back.method,
        amount="700",
    )
    settle_refund(event, NINE)

    assert balance_of(booked.patient_id) == 1000


@pytest.mark.parametrize(
    "posted", [{"amount": "2501", "reason": "ошибка"}, {"amount": "100", "reason": ""}]
)
def test_a_wrong_refund_changes_nothing(
    desk: Client, booked: Appointment, posted: dict[str, str]
) -> None:
    desk.post(address(booked), filled(booked, card="2500"))
    refund = reverse("desk:refund", args=[Payment.objects.get().pk])

    response = desk.post(refund, posted | {"kind": "back", "key": str(uuid4())})

    assert response.status_code == 422
    assert Payment.objects.count() == 1


def test_a_receipt_names_the_clinic_and_is_journalled(desk: Client, booked: Appointment) -> None:
    Setting.objects.update_or_create(
        pk=1, defaults={"legal_name": "ООО «Клиника»", "tax_number": "7701234567"}
    )
    desk.post(address(booked), filled(booked, card="1000", cash="500"))

    page = read(desk.get(reverse("desk:receipt", args=[Visit.objects.get().pk])))

    for text in (
        "ООО «Клиника»",
        "7701234567",
        booked.branch.address,
        booked.patient.full_name,
        booked.service.name,
        "1 000,00 ₽",
        "Одна тысяча пятьсот рублей 00 копеек",
        "Осталось оплатить",
        "Орлова О.",
    ):
        assert text in page
    entry = AccessEntry.objects.get(place="desk:receipt")
    assert (entry.action, entry.patient_id) == ("PRINTED", booked.patient_id)


def test_a_receipt_is_russian_whatever_the_reception_speaks(
    desk: Client, booked: Appointment
) -> None:
    desk.post(address(booked), filled(booked, card="2500"))
    desk.cookies["django_language"] = "en"

    page = read(desk.get(reverse("desk:receipt", args=[Visit.objects.get().pk])))

    assert "Квитанция №" in page


def test_there_is_no_receipt_before_the_bill(desk: Client, booked: Appointment) -> None:
    visit = Visit.objects.create(appointment=booked, arrived_at=NINE)

    assert desk.get(reverse("desk:receipt", args=[visit.pk])).status_code == 404


@pytest.mark.parametrize("name", ["check_out", "refund", "receipt"])
@pytest.mark.usefixtures("morning")
def test_only_reception_takes_money(
    name: str, dmitry: User, marina: User, stranger: User, client_for: Callable[[User], Client]
) -> None:
    page = reverse(f"desk:{name}", args=[1])

    assert {client_for(one).get(page).status_code for one in (dmitry, marina, stranger)} == {403}


def test_two_tills_over_one_bill_do_not_overwrite_each_other(
    desk: Client, booked: Appointment
) -> None:
    page = desk.get(address(booked)).content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    desk.post(address(booked), filled(booked, seen=seen, **{"lines-0-price": "3000"}))

    second = desk.post(address(booked), filled(booked, seen=seen, card="2500"))

    assert second.status_code == 422
    assert "коллега изменил этот счёт" in read(second).lower()
    assert Visit.objects.get().total == 3000
    assert not Payment.objects.exists()


def test_the_way_back_leads_to_the_day_of_the_branch(
    client_for: Callable[[User], Client], olga: User
) -> None:
    far = make_clinic(branch=make_branch(time_zone="Asia/Vladivostok"))
    booked = make_appointment(far, "05:00")  # the evening before in Moscow

    page = client_for(olga).get(address(booked)).content.decode()

    assert f'{reverse("desk:board")}?on=2026-12-01"' in page
