from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from rest_framework.response import Response
from rest_framework.test import APIClient

from appointments.actions import finish_visit
from appointments.models import Visit
from clinic.models import User
from packages.models import Package, PackageType
from tests.factories import Clinic
from tests.packages.factories import book, left_of, make_type, sell


@pytest.fixture(autouse=True)
def evening(now: datetime) -> object:
    with time_machine.travel(now, tick=False):
        yield


def ask(user: User, address: str, **asked: Any) -> Response:
    api = APIClient()
    api.force_authenticate(user)
    return api.get(f"/api/v1/{address}", asked)


def tell(user: User, address: str, body: Any = None, key: str = "request-1") -> Response:
    api = APIClient()
    api.force_authenticate(user)
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(f"/api/v1/{address}", body or {}, format="json", headers=headers)


def test_what_is_on_sale(olga: User, clinic: Clinic, kind: PackageType) -> None:
    (told,) = ask(olga, "package-types/").data["results"]

    assert (told["id"], told["price"], told["term_days"]) == (kind.pk, "6000.00", 30)
    assert told["parts"] == [{"sessions": 3, "services": [clinic.service.pk]}]


def test_the_same_key_sells_once(olga: User, clinic: Clinic, kind: PackageType) -> None:
    address = f"patients/{clinic.patient.pk}/packages/"
    body = {"type": kind.pk, "branch": clinic.branch.pk, "card": "6000"}

    first, second = tell(olga, address, body), tell(olga, address, body)

    assert first.status_code == second.status_code == 201
    assert first.data["id"] == second.data["id"] == Package.objects.get().pk
    assert first.data["parts"] == [{"sessions": 3, "left": 3, "services": [clinic.service.pk]}]
    (listed,) = ask(olga, address).data["results"]
    assert listed["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("body", "key", "status", "code"),
    [
        ({"card": "5000"}, "request-1", 422, "price_not_met"),
        ({"card": "6000"}, "", 400, "idempotency_key_missing"),
    ],
)
def test_a_refused_sale_has_a_code(
    olga: User,
    clinic: Clinic,
    kind: PackageType,
    body: dict[str, str],
    key: str,
    status: int,
    code: str,
) -> None:
    told = {"type": kind.pk, "branch": clinic.branch.pk} | body

    answer = tell(olga, f"patients/{clinic.patient.pk}/packages/", told, key)

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Package.objects.exists()


def test_a_package_pays_for_a_finished_visit(
    olga: User, clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=now)
    address = f"appointments/{appointment.pk}/cover/"

    preview = ask(olga, address)
    answers = [tell(olga, address, {"lines": preview.data["lines"]}) for _ in range(2)]

    assert preview.data == {
        "usable": [package.pk],
        "lines": [{"line": 0, "package": package.pk}],
    }
    assert [answer.data["total"] for answer in answers] == ["0.00", "0.00"]
    assert left_of(package) == 2
    entries = ask(olga, f"packages/{package.pk}/entries/").data["results"]
    assert [(row["kind"], row["sessions"]) for row in entries] == [("DEBIT", -1), ("SALE", 3)]

    tell(olga, address, {"lines": []})

    assert left_of(package) == 3


def test_a_line_or_package_that_is_not_there_is_refused(
    olga: User, clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish_visit(appointment_id=appointment.pk, lines=[], actor_id=None, now=now)
    address = f"appointments/{appointment.pk}/cover/"

    no_line = tell(olga, address, {"lines": [{"line": 7, "package": package.pk}]})
    no_package = tell(olga, address, {"lines": [{"line": 0, "package": 987654}]})

    assert (no_line.status_code, no_line.data["code"]) == (409, "service_not_covered")
    assert (no_package.status_code, no_package.data["code"]) == (409, "package_of_another")
    assert Visit.objects.get().total == 2500


def test_check_out_takes_the_session_in_the_same_request(
    olga: User, clinic: Clinic, package: Package
) -> None:
    appointment = book(clinic)
    body = {"lines": [{"service": clinic.service.pk, "package": package.pk}]}

    answer = tell(olga, f"appointments/{appointment.pk}/complete/", body)

    assert answer.data["visit"]["total"] == "0.00"
    assert answer.data["visit"]["lines"][0]["is_prepaid"] is True
    assert left_of(package) == 2


def test_a_package_is_frozen_and_goes_on(olga: User, clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, freeze_days=5), clinic, now)

    frozen = tell(olga, f"packages/{package.pk}/freeze/")
    thawed = tell(olga, f"packages/{package.pk}/unfreeze/")

    assert (frozen.data["status"], thawed.data["status"]) == ("FROZEN", "ACTIVE")
    assert ask(olga, f"packages/{package.pk}/").data["frozen_at"] is None


def test_a_refund_is_quoted_then_given_once(olga: User, package: Package) -> None:
    quote = ask(olga, f"packages/{package.pk}/refund/")
    answers = [
        tell(olga, f"packages/{package.pk}/refund/", {"reason": "переезд"}) for _ in range(2)
    ]

    assert quote.data == {"price": "6000.00", "used": "0.00", "back": "6000.00"}
    assert [answer.data["back"] for answer in answers] == ["6000.00", "6000.00"]
    assert package.payments.count() == 2


def test_a_doctor_sells_nothing(dmitry: User, clinic: Clinic, kind: PackageType) -> None:
    body = {"type": kind.pk, "branch": clinic.branch.pk, "card": str(Decimal(6000))}

    answer = tell(dmitry, f"patients/{clinic.patient.pk}/packages/", body)

    assert answer.status_code == 403
    assert not Package.objects.exists()
