from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Subquery

from appointments.models import UPCOMING, Appointment, PatientTotals, Visit
from clinic.formats import format_phone
from clinic.models import User
from clinic.rows import read_rows
from feedback.models import Case, CaseStatus
from packages.queries import Holding, list_holdings
from patients.models import ContactKind, ContactPoint, Patient, Relation, RelationKind
from patients.phones import mask_email, mask_phone
from patients.queries import (
    ConsentState,
    IsAnyOf,
    label_of_owner,
    list_consents,
    list_visible_patients,
    sees_contacts,
)
from prescriptions.queries import OPEN, CountedLine, list_open_lines
from waitlist.models import Entry, Offer
from waitlist.queries import list_open_of_patient, list_pending_offers
from waitlist.words import describe_wish
from worklist.models import Task, TaskStatus
from worklist.queries import list_tasks_for

MOST_RELATED = 12
MOST_TASKS = 10
AHEAD = 5
MOST_UNPAID = 5


@dataclass(frozen=True, kw_only=True)
class Contact:
    """`text` is shown; `value` is called or written to and is empty where contacts are masked."""

    id: int
    kind: str
    text: str
    value: str
    owner_label: str
    is_primary: bool
    is_valid: bool


@dataclass(frozen=True, kw_only=True)
class Relative:
    """`kind_label` says who it is to the patient; empty for one who only shares a contact.

    `may_open` is False for a relative whom the viewer doesn't treat.
    """

    id: int
    name: str
    birth_on: date | None
    kind_label: str
    may_open: bool


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What the patient waits for, in words, and the offer that he has to answer now."""

    entry: Entry
    wish: Sequence[str]
    offer: Offer | None


@dataclass(frozen=True, kw_only=True)
class Card:
    """All of a card but its timeline.

    `ahead` are the nearest booked visits, soonest first; `unpaid` make the debt; `lines` of a
    course are those of which a session is still to be booked.
    """

    patient: Patient
    contacts: Sequence[Contact]
    relatives: Sequence[Relative]
    sharing: Sequence[Relative]
    consents: Sequence[ConsentState]
    totals: PatientTotals
    unpaid: Sequence[Visit]
    ahead: Sequence[Appointment]
    lines: "Sequence[CountedLine]"
    tasks: Sequence[Task]
    cases: Sequence[Case]
    packages: Sequence[Holding]
    waits: Sequence[Wait]
    points: int

    @property
    def phone(self) -> Contact | None:
        return self._main(ContactKind.PHONE)

    @property
    def email(self) -> Contact | None:
        return self._main(ContactKind.EMAIL)

    def _main(self, kind: str) -> Contact | None:
        """The contact to use: the main one, or the first that works."""
        usable = [one for one in self.contacts if one.kind == kind and one.is_valid]
        return usable[0] if usable else None

    @property
    def consent_gaps(self) -> list[ConsentState]:
        """Consents that nobody has asked for yet: a refusal is an answer, not a gap."""
        return [state for state in self.consents if state.at is None]


WHAT_THERE_IS = """
SELECT
    EXISTS (
        SELECT FROM patients_relation WHERE patient_id = %(patient_id)s
    ) OR EXISTS (
        SELECT FROM patients_contactpoint own
        JOIN patients_contactpoint other
          ON other.value = own.value AND other.patient_id <> own.patient_id
        WHERE own.patient_id = %(patient_id)s
    ) AS related,
    EXISTS (
        SELECT FROM appointments_appointment
        WHERE patient_id = %(patient_id)s AND status = ANY (%(upcoming)s) AND ends_at > %(now)s
    ) AS ahead,
    EXISTS (
        SELECT FROM prescriptions_prescriptionline line
        JOIN prescriptions_prescription prescription ON prescription.id = line.prescription_id
        WHERE prescription.patient_id = %(patient_id)s AND line.status = ANY (%(open_lines)s)
    ) AS lines,
    EXISTS (
        SELECT FROM worklist_task
        WHERE patient_id = %(patient_id)s AND status = %(open_task)s
    ) AS tasks,
    EXISTS (
        SELECT FROM feedback_case
        WHERE patient_id = %(patient_id)s AND status <> %(resolved)s
    ) AS cases,
    EXISTS (SELECT FROM packages_package WHERE patient_id = %(patient_id)s) AS packages,
    EXISTS (
        SELECT FROM waitlist_entry WHERE patient_id = %(patient_id)s AND status = 'WAITING'
    ) AS waits,
    coalesce(
        (SELECT balance FROM loyalty_pointaccount WHERE patient_id = %(patient_id)s), 0
    ) AS points
"""


def get_card(*, patient: Patient, actor: User, now: datetime) -> Card:
    """Read the card of a patient whom the actor has already opened; the queries are counted.

    Contacts are masked for whoever may not see them; a task is shown to whoever may work on it.
    """
    there = _look_for(patient, now)
    related = _list_related(patient, actor) if there["related"] else []
    totals = PatientTotals.objects.filter(pk=patient.pk).first() or PatientTotals(pk=patient.pk)
    return Card(
        patient=patient,
        contacts=_list_contacts(patient, actor),
        relatives=[one for one in related if one.kind_label],
        sharing=[one for one in related if not one.kind_label],
        consents=list_consents(patient_id=patient.pk),
        totals=totals,
        unpaid=_list_unpaid(patient) if totals.debt else [],
        ahead=_list_ahead(patient, now) if there["ahead"] else [],
        lines=_list_lines(patient) if there["lines"] else [],
        tasks=_list_tasks(patient, actor) if there["tasks"] else [],
        cases=_list_cases(patient) if there["cases"] else [],
        packages=list_holdings(patient_id=patient.pk, now=now) if there["packages"] else [],
        waits=_list_waits(patient) if there["waits"] else [],
        points=there["points"],
    )


def _look_for(patient: Patient, now: datetime) -> dict[str, Any]:
    """Say what a card has at all: most have little, and each part costs a statement of its own."""
    (there,) = read_rows(
        WHAT_THERE_IS,
        {
            "patient_id": patient.pk,
            "now": now,
            "upcoming": list(UPCOMING),
            "open_lines": list(OPEN),
            "open_task": TaskStatus.OPEN,
            "resolved": CaseStatus.RESOLVED,
        },
    )
    return there


def _list_contacts(patient: Patient, actor: User) -> list[Contact]:
    is_whole = sees_contacts(actor)
    rows = patient.contacts.order_by("-kind", "-is_primary", "id")
    return [_contact(row, is_whole=is_whole) for row in rows]


def _contact(row: ContactPoint, *, is_whole: bool) -> Contact:
    mask = mask_phone if row.kind == ContactKind.PHONE else mask_email
    show = format_phone if row.kind == ContactKind.PHONE else str
    return Contact(
        id=row.pk,
        kind=row.kind,
        text=show(row.value) if is_whole else mask(row.value),
        value=row.value if is_whole else "",
        owner_label=label_of_owner(row.owner),
        is_primary=row.is_primary,
        is_valid=row.is_valid,
    )


def _list_related(patient: Patient, actor: User) -> list[Relative]:
    """The family and whoever shares a contact, in one query: a phone is not identity."""
    kin = Relation.objects.filter(patient=patient, relative=OuterRef("pk"))
    own = ContactPoint.objects.filter(patient=patient).values("value")
    neighbours = ContactPoint.objects.filter(value__in=own).values("patient_id")
    family = Relation.objects.filter(patient=patient).values("relative_id")
    found = (
        Patient.objects.filter(IsAnyOf("pk", ArraySubquery(family.union(neighbours))))
        .exclude(pk=patient.pk)
        .annotate(
            kind=Subquery(kin.values("kind")[:1]),
            may_open=Exists(list_visible_patients(actor=actor).filter(pk=OuterRef("pk"))),
        )
        .order_by("name_key")
    )
    return [
        Relative(
            id=one.pk,
            name=one.full_name,
            birth_on=one.birth_on,
            kind_label=str(RelationKind(one.kind).label) if one.kind else "",
            may_open=one.may_open,
        )
        for one in found[:MOST_RELATED]
    ]


def _list_ahead(patient: Patient, now: datetime) -> list[Appointment]:
    return list(
        Appointment.objects.filter(patient=patient, status__in=UPCOMING, ends_at__gt=now)
        .select_related("service", "employee", "branch", "room")
        .order_by("starts_at")[:AHEAD]
    )


def _list_unpaid(patient: Patient) -> list[Visit]:
    """The visits that make the debt, the oldest first."""
    return list(
        Visit.objects.filter(appointment__patient=patient, total__gt=F("paid"))
        .select_related("appointment__service", "appointment__branch")
        .order_by("appointment__starts_at")[:MOST_UNPAID]
    )


def _list_lines(patient: Patient) -> list[CountedLine]:
    return [line for line in list_open_lines(patient_id=patient.pk) if line.missing]


def _list_waits(patient: Patient) -> list[Wait]:
    pending = {
        offer.entry_id: offer for offer in list_pending_offers().filter(entry__patient=patient)
    }
    return [
        Wait(entry=entry, wish=describe_wish(entry), offer=pending.get(entry.pk))
        for entry in list_open_of_patient(patient_id=patient.pk)
    ]


def _list_tasks(patient: Patient, actor: User) -> list[Task]:
    mine = list_tasks_for(actor=actor)
    return list(
        mine.filter(patient=patient, status=TaskStatus.OPEN).order_by("due_at")[:MOST_TASKS]
    )


def _list_cases(patient: Patient) -> list[Case]:
    return list(
        Case.objects.filter(patient=patient)
        .exclude(status=CaseStatus.RESOLVED)
        .select_related("answer", "owner")
        .order_by("due_at")
    )
