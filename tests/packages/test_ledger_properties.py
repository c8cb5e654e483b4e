"""Whatever is done with a package, in whatever order, the ledger and the bills agree."""

import contextlib
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from appointments.actions import LineInput, finish_visit, reopen_visit
from appointments.models import Appointment, VisitLine
from outbox.errors import Refused
from packages.actions import (
    cover_bill,
    finish_covered,
    freeze_package,
    keep_time_next,
    refund_package,
    settle_visit,
    unfreeze_package,
)
from packages.models import Package, PackageEntry
from packages.queries import Cover
from tests.factories import make_appointment, make_clinic
from tests.packages.factories import check_ledger, left_of, make_type, sell

_numbers = count(1)


class Year(RuleBasedStateMachine):
    """One patient with two packages; every visit is of the day it is done."""

    visits = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.clinic = make_clinic()
        self.now = datetime.fromisoformat("2026-12-01T09:00+03:00")
        kinds = [
            make_type(self.clinic.service, sessions=4, freeze_days=10),
            make_type(self.clinic.service, sessions=2, term_days=60, activation="FIRST_VISIT"),
        ]
        self.packages = [sell(kind, self.clinic, self.now) for kind in kinds]

    def _book(self) -> Appointment:
        self.now += timedelta(hours=1)
        return make_appointment(self.clinic, starts_at=self.now)

    @rule(target=visits)
    def come(self) -> Appointment:
        appointment = self._book()
        finish_covered(appointment_id=appointment.pk, actor_id=None, now=self.now)
        return appointment

    @rule(target=visits, quantity=st.integers(1, 3))
    def come_for_money(self, quantity: int) -> Appointment:
        appointment = self._book()
        line = LineInput(
            service_id=appointment.service_id, price=appointment.price, quantity=quantity
        )
        finish_visit(appointment_id=appointment.pk, lines=[line], actor_id=None, now=self.now)
        return appointment

    @rule(appointment=visits, which=st.sampled_from([None, 0, 1]))
    def change_who_pays(self, appointment: Appointment, which: int | None) -> None:
        paying = {} if which is None else {0: self.packages[which].pk}
        with contextlib.suppress(Refused):
            cover_bill(
                appointment_id=appointment.pk,
                cover=Cover(packages=paying),
                actor_id=None,
                now=self.now,
            )

    @rule(appointment=visits, is_told=st.booleans())
    def undo(self, appointment: Appointment, is_told: bool) -> None:
        """The news of it may come late, after the visit was done again, or never."""
        with contextlib.suppress(Refused):
            reopen_visit(appointment_id=appointment.pk, actor_id=None, now=self.now)
            if is_told:
                settle_visit(appointment_id=appointment.pk, now=self.now)
        finish_covered(appointment_id=appointment.pk, actor_id=None, now=self.now)
        settle_visit(appointment_id=appointment.pk, now=self.now)

    @rule(which=st.sampled_from([0, 1]))
    def freeze(self, which: int) -> None:
        with contextlib.suppress(Refused):
            freeze_package(
                package_id=self.packages[which].pk,
                key=f"key-{next(_numbers)}",
                actor_id=None,
                now=self.now,
            )

    @rule(which=st.sampled_from([0, 1]))
    def unfreeze(self, which: int) -> None:
        unfreeze_package(package_id=self.packages[which].pk, actor_id=None, now=self.now)

    @rule(days=st.sampled_from([1, 5, 12, 40]), is_late=st.booleans())
    def wait(self, days: int, is_late: bool) -> None:
        self.now += timedelta(days=days)
        while not is_late and keep_time_next(now=self.now):
            pass

    @rule(which=st.sampled_from([0, 1]))
    def refund(self, which: int) -> None:
        with contextlib.suppress(Refused):
            refund_package(
                package_id=self.packages[which].pk,
                key=f"refund-{which}",
                reason="",
                actor_id=None,
                now=self.now,
            )

    @invariant()
    def balances_are_their_entries(self) -> None:
        for package in self._list_packages():
            check_ledger(package)
            assert (left_of(package) > 0) == (package.status in {"WAITING", "ACTIVE", "FROZEN"})

    @invariant()
    def every_prepaid_service_is_one_debit(self) -> None:
        """Exactly: no visit is paid without a session, no session is taken without a visit."""
        lines = VisitLine.objects.filter(
            is_prepaid=True, visit__appointment__patient=self.clinic.patient
        )
        debits = PackageEntry.objects.filter(
            kind="DEBIT", undone_by__isnull=True, package__in=self.packages
        )
        assert debits.count() == sum(lines.values_list("quantity", flat=True))

    def _list_packages(self) -> list[Package]:
        return list(Package.objects.filter(pk__in=[one.pk for one in self.packages]))


@pytest.mark.django_db
def test_the_ledger_and_the_bills_agree() -> None:
    run_state_machine_as_test(
        Year,
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
