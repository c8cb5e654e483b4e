"""A small base of patients in which every trait differs, the same in every run.

Days crowd around the edges that rules ask about, and moments around midnight in Moscow, so that an
error by one day or by one zone does not go unseen.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from appointments.models import (
    Appointment,
    AppointmentStatus,
    CancelReason,
    PatientTotals,
    Visit,
    VisitLine,
)
from clinic.models import Branch, Employee, Service, ServiceKind
from feedback.models import Answer, Case, CaseStatus
from intake.models import LossReason, Request, RequestKind, RequestStatus
from loyalty.models import PointAccount
from packages.codes import make_code
from packages.models import Package, PackagePart, PackageStatus, PackageType
from patients.models import (
    Attitude,
    Channel,
    Consent,
    ConsentAction,
    ConsentOrigin,
    ConsentPurpose,
    ContactKind,
    ContactPoint,
    Patient,
    Relation,
    RelationKind,
    Sex,
    Source,
)
from prescriptions.models import DropReason, LineStatus, Prescription, PrescriptionLine
from tests.factories import make_branch, make_employee, make_service, make_source
from worklist.models import Task, TaskKind, TaskStatus

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)  # 12:30 in Moscow
TODAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 20, 21, tzinfo=UTC)  # TODAY begins in Moscow
DAYS_AGO = (0, 1, 6, 7, 8, 29, 30, 31, 59, 60, 61, 180, 364, 365, 366, 900)
MINUTES = (-1, 0, 1, 60, 720, 1438, 1439)
BIRTHS = (
    None, date(1980, 2, 29), date(2008, 2, 29), date(1996, 11, 20), date(1996, 11, 21),
    date(1996, 11, 22), date(2008, 11, 21), date(2008, 11, 22), date(1950, 12, 5),
    date(1971, 12, 31), date(1990, 1, 1), date(2020, 6, 15),
)  # fmt: skip
REASONS = ("", "", "дорого", "Дорого и далеко", "уехал в другой город", "100% занят_а")

T = TypeVar("T")


class Base:
    """The catalogues and, after `fill`, the patients with all that hangs on them."""

    def __init__(self, *, seed: int = 7) -> None:
        self.random = Random(seed)
        self.branches: list[Branch] = []
        self.sources: list[Source] = []
        self.services: list[Service] = []
        self.employees: list[Employee] = []
        self.patients: list[Patient] = []
        self.busy: set[tuple[int, datetime]] = set()
        self.number = 0

    def fill(self, patients: int = 120) -> "Base":
        self._make_catalogues()
        self._make_patients(patients)
        self._make_contacts()
        self._make_visits()
        self._make_stories()
        return self

    def one_of(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def moment(self, *, least_days: int = 0) -> datetime:
        """A moment of the past, near the midnight of an interesting day."""
        days = self.one_of([days for days in DAYS_AGO if days >= least_days])
        when = MIDNIGHT - timedelta(days=days) + timedelta(minutes=self.one_of(MINUTES))
        return min(when, NOW - timedelta(minutes=2))

    def key(self) -> str:
        self.number += 1
        return f"base-{self.number}"

    def _make_catalogues(self) -> None:
        self.branches = [
            make_branch(city="Москва"),
            make_branch(city="Новосибирск", time_zone="Asia/Novosibirsk"),
            make_branch(city="Москва", is_active=False),
        ]
        self.sources = [make_source(), make_source(), make_source()]
        kinds = [*ServiceKind, ServiceKind.MASSAGE]
        self.services = [make_service(kind=kind) for kind in kinds]
        self.employees = [
            make_employee(branches=self.branches[:2], services=self.services) for _ in range(3)
        ]

    def _make_patients(self, count: int) -> None:
        self.patients = Patient.objects.bulk_create(
            Patient(
                last_name="Петрова",
                first_name=f"Анна {number}",
                name_key=f"петрова анна {number}",
                birth_on=self.one_of(BIRTHS),
                sex=self.one_of(["", *Sex.values]),
                branch=self.one_of([None, *self.branches]),
                source=self.one_of([None, *self.sources]),
                channel=self.one_of(Channel.values),
                language=self.one_of(["ru", "ru", "en"]),
                status=self.one_of(Attitude.values),
                refusal_reason=self.one_of(REASONS),
                is_reachable=self.random.random() < 0.8,
                created_at=self.moment(),
            )
            for number in range(count)
        )

    def _make_contacts(self) -> None:
        for number, patient in enumerate(self.patients):
            for kind, value in (
                (ContactKind.PHONE, f"+7916{number:07}"),
                (ContactKind.EMAIL, f"anna{number}@example.com"),
            ):
                state = self.random.random()
                if state < 0.7:
                    ContactPoint.objects.create(
                        patient=patient, kind=kind, value=value, is_valid=state < 0.5
                    )
            for _ in range(self.random.randrange(5)):
                self._change_consent(patient)
        for _ in range(15):
            one, other = self.random.sample(self.patients, 2)
            Relation.objects.get_or_create(
                patient=one, relative=other, defaults={"kind": RelationKind.OTHER}
            )

    def _change_consent(self, patient: Patient) -> None:
        purpose = self.one_of([*ConsentPurpose, ConsentPurpose.MARKETING])
        is_marketing = purpose == ConsentPurpose.MARKETING
        Consent.objects.create(
            patient=patient,
            purpose=purpose,
            channel=self.one_of(Channel.values) if is_marketing else "",
            action=self.one_of([*ConsentAction, ConsentAction.GIVEN]),
            origin=ConsentOrigin.DESK,
            at=self.moment(),
        )

    def _make_visits(self) -> None:
        for patient in self.patients:
            booked = [self._book(patient) for _ in range(self.random.randrange(7))]
            done = [one for one in booked if one.status == AppointmentStatus.DONE]
            for appointment in done:
                self._render(appointment)
            if self.random.random() < 0.9:
                self._add_up(patient, booked, done)

    def _book(self, patient: Patient) -> Appointment:
        status = self.one_of([*AppointmentStatus, *[AppointmentStatus.DONE] * 4])
        is_ahead = status in {"BOOKED", "CONFIRMED"} and self.random.random() < 0.5
        employee = self.one_of(self.employees)
        starts_at = NOW + timedelta(days=3) if is_ahead else self.moment()
        while {(employee.pk, starts_at), (-patient.pk, starts_at)} & self.busy:
            starts_at += timedelta(minutes=1)
        self.busy |= {(employee.pk, starts_at), (-patient.pk, starts_at)}
        is_cancelled = status == AppointmentStatus.CANCELLED
        return Appointment.objects.create(
            patient=patient,
            employee=employee,
            branch=self.one_of(self.branches[:2]),
            service=self.one_of(self.services),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=1),
            status=status,
            cancel_reason=self.one_of(CancelReason.values) if is_cancelled else "",
            price=Decimal(1000),
            key=self.key(),
            created_at=starts_at - timedelta(days=1),
        )

    def _render(self, appointment: Appointment) -> None:
        visit = Visit.objects.create(
            appointment=appointment,
            arrived_at=appointment.starts_at,
            finished_at=appointment.ends_at,
        )
        for service in self.random.sample(self.services, self.random.randrange(1, 4)):
            VisitLine.objects.create(visit=visit, service=service, price=Decimal(1000))

    def _add_up(self, patient: Patient, booked: list[Appointment], done: list[Appointment]) -> None:
        starts = [one.starts_at for one in done]
        PatientTotals.objects.create(
            patient=patient,
            visits=len(done),
            no_shows=sum(one.status == AppointmentStatus.NO_SHOW for one in booked),
            cancellations=sum(one.status == AppointmentStatus.CANCELLED for one in booked),
            spent=len(done) * self.one_of([Decimal("999.99"), Decimal(1000), Decimal(2500)]),
            debt=self.one_of([Decimal(0), Decimal("0.01"), Decimal(500)]),
            first_visit_at=min(starts, default=None),
            last_visit_at=max(starts, default=None),
        )

    def _make_stories(self) -> None:
        for patient in self.patients:
            if self.random.random() < 0.6:
                balance = self.one_of([0, 1, 100, 5000])
                PointAccount.objects.create(patient=patient, balance=balance)
            for _ in range(self.random.randrange(3)):
                self._sell(patient)
            for _ in range(self.random.randrange(3)):
                self._prescribe(patient)
                self._ask(patient)
                self._open_task(patient)
        done = Appointment.objects.filter(status=AppointmentStatus.DONE)
        for appointment in done.order_by("pk"):
            if self.random.random() < 0.5:
                self._answer(appointment)

    def _sell(self, patient: Patient) -> None:
        """A package as it stands; only what a rule asks for is true of it."""
        status = self.one_of(PackageStatus.values)
        kind, _is_new = PackageType.objects.get_or_create(
            name="Массаж", defaults={"price": Decimal(100), "term_days": 30}
        )
        days, is_frozen = self.one_of([0, 1, 6, 7, 8, 30, 60]), status == PackageStatus.FROZEN
        package = Package.objects.create(
            type=kind,
            patient=patient,
            branch=self.branches[0],
            name=kind.name,
            price=kind.price,
            term_days=30,
            activation="SALE",
            warn_days=14,
            freeze_days=14,
            is_transferable=False,
            is_bearer=False,
            status=status,
            code=make_code(),
            key=self.key(),
            digest="",
            sold_at=NOW,
            ends_at=None
            if status == PackageStatus.WAITING
            else NOW + timedelta(days=days, minutes=self.one_of([-1, 0, 1])),
            frozen_at=NOW if is_frozen else None,
            thaws_at=NOW if is_frozen else None,
        )
        for position, balance in enumerate(self.one_of([[0], [1], [3], [1, 2]])):
            PackagePart.objects.create(
                package=package, position=position, sessions=5, balance=balance
            )

    def _prescribe(self, patient: Patient) -> None:
        status = self.one_of(LineStatus.values)
        prescription = Prescription.objects.create(
            patient=patient,
            doctor=self.employees[0],
            branch=self.branches[0],
            key=self.key(),
            created_at=self.moment(),
        )
        PrescriptionLine.objects.create(
            prescription=prescription,
            position=1,
            service=self.services[0],
            sessions=5,
            status=status,
            drop_reason=self.one_of(DropReason.values) if status == LineStatus.DROPPED else "",
            closed_at=self.moment() if status == LineStatus.DROPPED else None,
        )

    def _ask(self, patient: Patient) -> None:
        status = self.one_of([RequestStatus.NEW, RequestStatus.LOST, RequestStatus.LOST])
        Request.objects.create(
            kind=RequestKind.CALL,
            status=status,
            patient=self.one_of([patient, patient, None]),
            loss_reason=self.one_of(LossReason.values) if status == RequestStatus.LOST else "",
            key=self.key(),
            created_at=self.moment(),
        )

    def _open_task(self, patient: Patient) -> None:
        status = self.one_of(TaskStatus.values)
        Task.objects.create(
            kind=TaskKind.OTHER,
            patient=patient,
            source=self.key(),
            status=status,
            due_at=NOW,
            created_at=NOW,
            closed_at=None if status == TaskStatus.OPEN else NOW,
        )

    def _answer(self, appointment: Appointment) -> None:
        answer = Answer.objects.create(
            patient=appointment.patient,
            appointment=appointment,
            score=self.random.randrange(11),
            answered_at=self.moment(),
        )
        if answer.score <= 6:
            status = self.one_of(CaseStatus.values)
            is_settled = status == CaseStatus.RESOLVED
            Case.objects.create(
                answer=answer,
                patient=appointment.patient,
                branch=appointment.branch,
                status=status,
                due_at=NOW,
                opened_at=answer.answered_at,
                resolution="извинились" if is_settled else "",
                resolved_at=NOW if is_settled else None,
            )
