"""Many hands on one package, on real connections; the controls switch off what holds them."""

from datetime import datetime
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from appointments.actions import LineInput, finish_visit
from appointments.models import Appointment, Prepayment, Visit
from packages.actions import (
    NoSessionsLeft,
    PackageIsOver,
    SaleOrder,
    WrongState,
    covering,
    finish_covered,
    refund_package,
    sell_package,
)
from packages.models import Package, PackageEntry, PackagePart, PackageType
from packages.queries import Cover
from tests.factories import Clinic, make_patient
from tests.packages.factories import book, check_ledger, finish_with, left_of, make_type, sell
from tests.threads import run_at_once

HANDS = 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bearer(clinic: Clinic, now: datetime) -> Package:
    """Two sessions that anybody may use."""
    return sell(make_type(clinic.service, sessions=2, is_bearer=True), clinic, now)


@pytest.fixture
def queue(clinic: Clinic) -> list[Appointment]:
    """Six visits of six people, who all know the code."""
    return [book(clinic, number, patient=make_patient()) for number in range(HANDS)]


@transaction.atomic
def use(appointment: Appointment, package: Package, now: datetime) -> Visit:
    cover = Cover(packages={0: package.pk}, code=package.code)
    return finish_with(appointment, cover, now=now)


def use_at_once(
    queue: list[Appointment], package: Package, now: datetime
) -> list[Visit | BaseException]:
    return run_at_once([partial(use, appointment, package, now) for appointment in queue])


def trust_nobody(*triggers: str) -> None:
    with connection.cursor() as cursor:
        for name in triggers:
            cursor.execute(f"ALTER TABLE packages_packageentry DISABLE TRIGGER {name}")


def let_all_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package is held, and everybody has read the balance before anybody takes a session."""
    everybody_has_read = Barrier(HANDS, timeout=30)

    def read_together(package: Package, service_id: int) -> list[PackagePart]:
        parts = list(PackagePart.objects.filter(package=package))
        everybody_has_read.wait()
        return parts

    def hold_nothing(package_ids: set[int], *, now: datetime) -> dict[int, Package]:
        return Package.objects.select_related("branch").in_bulk(package_ids)

    monkeypatch.setattr(covering, "hold_packages", hold_nothing)
    monkeypatch.setattr(covering, "_list_paying", read_together)


def test_whoever_competes_for_the_last_sessions(
    bearer: Package, queue: list[Appointment], now: datetime
) -> None:
    answers = use_at_once(queue, bearer, now)

    refused = [one for one in answers if isinstance(one, NoSessionsLeft | PackageIsOver)]
    assert sum(isinstance(one, Visit) for one in answers) == 2
    assert len(refused) == HANDS - 2
    assert left_of(bearer) == 0
    assert Visit.objects.count() == 2
    check_ledger(bearer)


def test_without_the_lock_the_database_still_keeps_the_balance(
    bearer: Package, queue: list[Appointment], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_all_read_first(monkeypatch)

    answers = use_at_once(queue, bearer, now)

    assert sum(isinstance(one, Visit) for one in answers) == 2
    assert sum(isinstance(one, IntegrityError) for one in answers) == HANDS - 2
    assert left_of(bearer) == 0
    check_ledger(bearer)


def test_control_without_lock_and_balance_more_is_used_than_was_sold(
    bearer: Package, queue: list[Appointment], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_all_read_first(monkeypatch)
    trust_nobody("packages_packageentry_balance")

    use_at_once(queue, bearer, now)

    assert PackageEntry.objects.filter(kind="DEBIT").count() == HANDS > 2


def test_one_visit_finished_by_many_hands_uses_one_session(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish = partial(finish_covered, appointment_id=appointment.pk, actor_id=None, now=now)

    answers = run_at_once([finish for _ in range(HANDS)])

    assert all(isinstance(one, Visit) for one in answers)
    assert left_of(package) == 2
    assert PackageEntry.objects.filter(kind="DEBIT").count() == 1


def debit_past_all_locks(visit: Visit, package: Package, number: int, now: datetime) -> None:
    PackageEntry.objects.create(
        package=package,
        part=package.parts.get(),
        kind="DEBIT",
        sessions=-1,
        visit=visit,
        service_id=visit.appointment.service_id,
        patient_id=visit.appointment.patient_id,
        source=f"hand-{number}",
        at=now,
    )


def debit_at_once(clinic: Clinic, package: Package, now: datetime) -> int:
    """Three hands write a debit for one prepaid line, past every lock; return how many stand."""
    appointment = book(clinic)
    line = LineInput(service_id=clinic.service.pk, price=appointment.price, is_prepaid=True)
    visit = finish_visit(appointment_id=appointment.pk, lines=[line], actor_id=None, now=now)
    run_at_once([partial(debit_past_all_locks, visit, package, hand, now) for hand in range(3)])
    return PackageEntry.objects.filter(kind="DEBIT").count()


def test_one_service_rendered_is_debited_once_whoever_writes(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    assert debit_at_once(clinic, package, now) == 1
    assert left_of(package) == 2


def test_control_without_the_trigger_one_visit_eats_three_sessions(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    trust_nobody("packages_packageentry_debit")

    assert debit_at_once(clinic, package, now) == 3


def test_a_refund_and_a_visit_at_once_add_up(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    pay_back = partial(
        refund_package, package_id=package.pk, key="r", reason="", actor_id=None, now=now
    )

    def finish() -> bool:
        return bool(finish_covered(appointment_id=appointment.pk, actor_id=None, now=now))

    run_at_once([finish, lambda: bool(pay_back())])

    used = PackageEntry.objects.filter(kind="DEBIT").count()
    assert Prepayment.objects.get(amount__lt=0).amount == -(6000 - 2500 * used)
    assert Visit.objects.get().total == 2500 * (1 - used)
    assert left_of(package) == 0


def test_refunds_at_once_pay_back_once(package: Package, now: datetime) -> None:
    pay_back = partial(
        refund_package, package_id=package.pk, key="r", reason="", actor_id=None, now=now
    )

    answers = run_at_once([pay_back for _ in range(HANDS)])

    assert not [one for one in answers if isinstance(one, WrongState)]
    assert answers == [6000] * HANDS
    assert Prepayment.objects.filter(amount__lt=0).count() == 1


def test_a_sale_sent_many_times_at_once_is_one(
    clinic: Clinic, kind: PackageType, now: datetime
) -> None:
    order = SaleOrder(
        type_id=kind.pk,
        patient_id=clinic.patient.pk,
        branch_id=clinic.branch.pk,
        card=kind.price,
        key="one",
    )

    answers = run_at_once(
        [partial(sell_package, order=order, actor_id=None, now=now) for _ in range(HANDS)]
    )

    assert {one.pk for one in answers if isinstance(one, Package)} == {Package.objects.get().pk}
    assert [one for one in answers if isinstance(one, BaseException)] == []
    assert Prepayment.objects.count() == 1
