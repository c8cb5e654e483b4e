from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from appointments.models import Prepayment, Visit
from clinic.models import User
from messaging.actions import issue_link
from messaging.models import LinkPurpose
from outbox.actions import deliver_next
from packages.actions import finish_covered, freeze_package
from packages.codes import read_code, write_code
from packages.models import Package, PackageType
from patients.models import AccessEntry
from tests.factories import Clinic, make_patient
from tests.packages.factories import book, left_of, make_type, sell

SignIn = Callable[[User], Client]
KEY = "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c001"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def evening(now: datetime) -> object:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def desk(client_for: SignIn, olga: User) -> Client:
    return client_for(olga)


@pytest.fixture
def management(client_for: SignIn, viktor: User) -> Client:
    return client_for(viktor)


def show(client: Client, name: str, *args: int, query: str = "") -> str:
    html = client.get(reverse(name, args=args) + query).content.decode()
    return html.replace("\xa0", " ")


def post(client: Client, name: str, /, *args: int, **told: object) -> HttpResponse:
    return client.post(reverse(name, args=args), told, headers=HTMX)  # type: ignore[return-value]


def test_reception_sells_a_package(desk: Client, clinic: Clinic, kind: PackageType) -> None:
    assert kind.name in show(desk, "packages:sell", clinic.patient.pk)
    told = {"kind": kind.pk, "paid_by": "cash", "key": KEY}

    answers = [post(desk, "packages:sell", clinic.patient.pk, **told) for _ in range(2)]

    package = Package.objects.get()
    address = reverse("packages:package", args=[package.pk])
    assert [answer["HX-Redirect"] for answer in answers] == [address, address]
    payment = Prepayment.objects.get()
    assert (payment.method, payment.amount) == ("CASH", Decimal(6000))


def test_a_package_is_paid_in_several_ways_with_change(
    desk: Client, clinic: Clinic, kind: PackageType
) -> None:
    told = {"kind": kind.pk, "paid_by": "parts", "card": "2 000", "transfer": "1500,50"}

    lacks = post(desk, "packages:sell", clinic.patient.pk, **told, cash="2000", key=KEY)
    sold = post(desk, "packages:sell", clinic.patient.pk, **told, cash="3000", key=KEY)

    assert lacks.status_code == 422
    assert "499,50" in lacks.content.decode()
    assert sold.status_code == 200
    paid = dict(Prepayment.objects.values_list("method", "amount"))
    assert paid == {"CARD": 2000, "TRANSFER": Decimal("1500.50"), "CASH": Decimal("2499.50")}


@pytest.mark.parametrize(("to", "leads"), [("/here/", "/here/"), ("https://evil.example/", None)])
def test_a_sale_at_check_out_leads_back_to_it(
    desk: Client, clinic: Clinic, kind: PackageType, to: str, leads: str | None
) -> None:
    address = reverse("packages:sell", args=[clinic.patient.pk])

    answer = desk.post(f"{address}?to={to}", {"kind": kind.pk, "paid_by": "card", "key": KEY})

    sold = reverse("packages:package", args=[Package.objects.get().pk])
    assert answer["HX-Redirect"] == (leads or sold)


def test_nothing_chosen_sells_nothing(desk: Client, clinic: Clinic, kind: PackageType) -> None:
    answer = post(desk, "packages:sell", clinic.patient.pk, paid_by="card", key=KEY)

    assert answer.status_code == 422
    assert not Package.objects.exists()


def test_the_list_finds_by_name_code_and_state(
    desk: Client, clinic: Clinic, package: Package
) -> None:
    name = clinic.patient.full_name

    for query in ("", f"?text={write_code(package.code).lower()}", "?status=ACTIVE", "?text=петр"):
        assert name in show(desk, "packages:packages", query=query), query
    for query in ("?status=FROZEN", "?ending=on", "?text=никого"):
        assert name not in show(desk, "packages:packages", query=query).split('id="sold"')[1], query


@pytest.mark.parametrize("many", [1, 5])
def test_the_list_costs_the_same_however_long(
    desk: Client,
    clinic: Clinic,
    kind: PackageType,
    now: datetime,
    many: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(many):
        sell(kind, clinic, now)
    address = reverse("packages:packages")

    with django_assert_num_queries(11):
        desk.get(address)


def test_the_page_of_a_package_tells_its_story_and_is_journalled(
    desk: Client, clinic: Clinic, package: Package, now: datetime
) -> None:
    finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    html = show(desk, "packages:package", package.pk)

    assert clinic.service.name in html
    assert write_code(package.code) in html
    assert "31.12.2026" in html
    assert AccessEntry.objects.filter(place="packages:package", patient=clinic.patient).exists()


def test_a_package_is_frozen_and_goes_on(desk: Client, clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, freeze_days=10), clinic, now)

    post(desk, "packages:freeze", package.pk, key=KEY)
    package.refresh_from_db()
    assert package.status == "FROZEN"

    post(desk, "packages:unfreeze", package.pk)
    package.refresh_from_db()
    assert package.status == "ACTIVE"


def test_the_family_is_let_in_and_out(desk: Client, package: Package) -> None:
    for told, is_family in (("1", True), ("0", False)):
        post(desk, "packages:share", package.pk, family=told)
        package.refresh_from_db()
        assert package.is_family is is_family


def test_a_package_is_given_to_another(desk: Client, clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, is_transferable=True), clinic, now)
    friend = make_patient()

    assert post(desk, "packages:transfer", package.pk, key=KEY).status_code == 422
    post(desk, "packages:transfer", package.pk, key=KEY, relative=friend.pk)

    package.refresh_from_db()
    assert package.patient == friend


def test_the_refund_shows_its_sum_before_it_is_given(
    desk: Client, clinic: Clinic, package: Package, now: datetime
) -> None:
    finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    assert "3 500,00 ₽" in show(desk, "packages:refund", package.pk)
    answer = post(desk, "packages:refund", package.pk, key=KEY, reason="переезд")

    package.refresh_from_db()
    assert (answer.status_code, package.status) == (204, "REFUNDED")
    assert Prepayment.objects.get(amount__lt=0).reason == "переезд"


def test_the_slip_is_printed_in_russian_and_journalled(desk: Client, package: Package) -> None:
    desk.cookies["django_language"] = "en"

    html = show(desk, "packages:slip", package.pk)

    assert "Действует до" in html
    assert write_code(package.code) in html
    assert AccessEntry.objects.filter(action="PRINTED", place="packages:slip").exists()


def test_the_manager_says_what_is_on_sale(management: Client, clinic: Clinic) -> None:
    told = {
        "name": "Массаж, 10",
        "price": "15000",
        "term_days": "90",
        "activation": "SALE",
        "warn_days": "14",
        "freeze_days": "0",
        "parts-TOTAL_FORMS": "2",
        "parts-INITIAL_FORMS": "0",
        "parts-0-sessions": "10",
        "parts-0-services": [clinic.service.pk],
        "parts-1-sessions": "",
    }

    assert post(management, "packages:type_add", **told).status_code == 204

    kind = PackageType.objects.get()
    assert [part.sessions for part in kind.parts.all()] == [10]
    assert "Массаж, 10" in show(management, "packages:types")
    assert post(management, "packages:type_add", **told).status_code == 422
    assert "15000" in show(management, "packages:type", kind.pk)
    post(management, "packages:type_sale", kind.pk, on="0")
    kind.refresh_from_db()
    assert not kind.is_active


def test_a_part_without_services_is_not_saved(management: Client, kind: PackageType) -> None:
    told = {
        "name": "Пустой", "price": "1", "term_days": "30", "activation": "SALE", "warn_days": "14",
        "freeze_days": "0", "parts-TOTAL_FORMS": "1", "parts-INITIAL_FORMS": "0",
        "parts-0-sessions": "10",
    }  # fmt: skip

    assert post(management, "packages:type_add", **told).status_code == 422
    assert PackageType.objects.count() == 1


def test_check_out_offers_the_package_and_takes_the_session(
    desk: Client, clinic: Clinic, package: Package
) -> None:
    appointment = book(clinic)
    assert f'<option value="{package.pk}" selected>' in show(desk, "desk:check_out", appointment.pk)
    told = {
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "1",
        "lines-0-service": clinic.service.pk,
        "lines-0-quantity": "1",
        "lines-0-price": "2500",
        "lines-0-package": package.pk,
        "key": KEY,
    }

    for _ in range(2):
        assert post(desk, "desk:check_out", appointment.pk, **told).status_code == 302

    visit = Visit.objects.get()
    assert (visit.total, left_of(package)) == (Decimal(0), 2)
    receipt = show(desk, "desk:receipt", visit.pk)
    assert "по абонементу" in receipt
    assert "осталось 2 из 3, до 31.12.2026" in receipt


def test_somebody_elses_package_opens_by_its_code(
    desk: Client, clinic: Clinic, now: datetime
) -> None:
    package = sell(make_type(clinic.service, is_bearer=True), clinic, now)
    appointment = book(clinic, patient=make_patient())
    address = reverse("desk:check_out", args=[appointment.pk])

    closed = desk.get(address).content.decode()
    wrong = desk.get(f"{address}?code=23456789").content.decode()
    open_ = desk.get(f"{address}?code={write_code(package.code)}").content.decode()

    assert "bill-package" not in closed
    assert "с таким кодом нет" in wrong
    assert f'<option value="{package.pk}" selected>' in open_


def test_the_card_and_the_booking_dialog_speak_of_it(
    desk: Client, clinic: Clinic, package: Package, now: datetime
) -> None:
    told = "осталось 3 из 3, до 31.12.2026"

    assert told in show(desk, "desk:card", clinic.patient.pk)
    assert told in show(desk, "desk:booking_patient", clinic.patient.pk)


def test_behind_the_patients_link_neither_name_nor_service_is_told(
    client: Client, clinic: Clinic, now: datetime
) -> None:
    package = sell(make_type(clinic.service, name="Лечение зависимости"), clinic, now)
    address = issue_link(
        purpose=LinkPurpose.APPOINTMENT,
        patient_id=clinic.patient.pk,
        subject_id=book(clinic).pk,
        expires_at=now + timedelta(days=1),
        now=now,
    )

    html = client.get(urlsplit(address).path).content.decode().replace("\xa0", " ")

    assert "осталось 3 из 3, до 31.12.2026" in html
    assert "осталось" not in html.split("</head>")[0]
    assert package.name not in html
    assert clinic.service.name not in html


def test_the_timeline_tells_every_event(desk: Client, clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, freeze_days=5), clinic, now)
    finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)
    freeze_package(package_id=package.pk, key="k", actor_id=None, now=now)
    while deliver_next(now=now):
        pass

    html = show(desk, "desk:card", clinic.patient.pk)

    for told in ("Куплен абонемент", "списан с абонемента", "Абонемент заморожен"):
        assert told in html


def test_a_code_is_read_however_it_is_typed() -> None:
    assert read_code(" к7м4-9хq2 ") == "K7M49XQ2"
    assert write_code("K7M49XQ2") == "K7M4-9XQ2"
