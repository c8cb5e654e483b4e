"""What a document is filled with, and the documents that were made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from appointments.models import Appointment, Visit
from clinic.access import plays
from clinic.formats import format_clock, format_day, format_money, format_number, format_phone
from clinic.models import Branch, Role, Setting, User
from clinic.words import spell_roubles
from documents.models import Document, DocumentKind, DocumentTemplate
from documents.words import WORDS
from patients.models import Channel, Patient, RelationKind
from patients.queries import access_patient, find_address

FULL_AGE = 18
MAKERS = frozenset({Role.ADMINISTRATOR, Role.MANAGER})

Fields = dict[str, Any]


def gather(
    *, patient: Patient, branch: Branch, appointment: Appointment | None, now: datetime
) -> Fields:
    """Return every word of `WORDS` but those of the document itself, and the lines of the bill.

    Plain strings, written as on Russian paper whatever language the reception speaks.
    """
    visit = Visit.objects.filter(appointment=appointment, finished_at__isnull=False).first()
    with translation.override("ru"):
        return {
            "contract": _tell_contract(patient),
            "clinic": {name: str(getattr(Setting.load(), name)) for name in WORDS["clinic"]},
            "branch": _tell_branch(branch),
            "patient": _tell_person(patient)
            | {"email": find_address(patient=patient, channel=Channel.EMAIL) or ""},
            "representative": _tell_parent(patient, branch, now),
            "visit": _tell_visit(appointment),
            "bill": _tell_bill(visit),
            "lines": _tell_lines(visit),
        }


def _tell_contract(patient: Patient) -> dict[str, str]:
    contracts = Document.objects.filter(patient=patient, kind=DocumentKind.CONTRACT)
    made = contracts.select_related("branch").order_by("-number").first()
    if made is None:
        return {"number": "", "date": ""}
    return tell_document(made.number, made.branch, made.made_at)


def tell_document(number: int, branch: Branch, at: datetime) -> dict[str, str]:
    with translation.override("ru"):
        return {"number": str(number), "date": format_day(at.astimezone(branch.zone).date())}


def _tell_branch(branch: Branch) -> dict[str, str]:
    return {
        "name": branch.name,
        "city": branch.city,
        "address": branch.address,
        "phone": format_phone(branch.phone),
    }


def _tell_person(patient: Patient) -> dict[str, str]:
    initials = [f"{name[0]}." for name in (patient.first_name, patient.middle_name) if name]
    return {
        "full_name": patient.full_name,
        "short_name": " ".join([patient.last_name, *initials]),
        "birth_on": format_day(patient.birth_on) if patient.birth_on else "",
        "phone": format_phone(find_address(patient=patient, channel=Channel.SMS)),
    }


def _tell_parent(patient: Patient, branch: Branch, now: datetime) -> dict[str, str]:
    """A child does not sign: the first parent on the card does."""
    nobody = dict.fromkeys(WORDS["representative"], "")
    if patient.birth_on is None:
        return nobody
    today = now.astimezone(branch.zone).date()
    had_birthday = (today.month, today.day) >= (patient.birth_on.month, patient.birth_on.day)
    if today.year - patient.birth_on.year - (not had_birthday) >= FULL_AGE:
        return nobody
    parents = patient.relations.filter(kind=RelationKind.PARENT).select_related("relative")
    found = parents.order_by("pk").first()
    if found is None:
        return nobody
    person = _tell_person(found.relative)
    return {name: person[name] for name in nobody}


def _tell_visit(appointment: Appointment | None) -> dict[str, str]:
    if appointment is None:
        return dict.fromkeys(WORDS["visit"], "")
    zone = appointment.branch.zone
    return {
        "date": format_day(appointment.starts_at.astimezone(zone).date()),
        "time": format_clock(appointment.starts_at, zone),
        "doctor": appointment.employee.full_name,
        "position": appointment.employee.position,
        "service": appointment.service.name,
    }


def _tell_bill(visit: Visit | None) -> dict[str, str]:
    if visit is None:
        return dict.fromkeys(WORDS["bill"], "")
    debt = visit.total - visit.paid
    return {
        "total": format_money(visit.total),
        "total_words": spell_roubles(visit.total),
        "paid": format_money(visit.paid),
        "debt": format_money(debt) if debt else "",
    }


def _tell_lines(visit: Visit | None) -> list[dict[str, str]]:
    if visit is None:
        return []
    told = []
    for number, line in enumerate(visit.lines.select_related("service").order_by("id"), start=1):
        total = Decimal(0) if line.is_prepaid else line.quantity * line.price - line.discount
        told.append(
            {
                "number": str(number),
                "service": line.service.name,
                "quantity": format_number(line.quantity),
                "price": format_money(line.price),
                "discount": format_money(line.discount) if line.discount else "",
                "sum": format_money(total),
                "note": _("by package") if line.is_prepaid else "",
            }
        )
    return told


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A word that stood otherwise when the document was made; `name` is as in a template."""

    name: str
    was: str
    now: str


def compare(was: Fields, now: Fields) -> list[Difference]:
    """Return what has changed on the card, in the bill or at the clinic since."""
    before, after = _flatten(was), _flatten(now)
    names = [*before, *(name for name in after if name not in before)]
    return [
        Difference(name=name, was=before.get(name, ""), now=after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _flatten(fields: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for group, told in fields.items():
        rows = told if isinstance(told, list) else [told]
        for number, row in enumerate(rows, start=1):
            prefix = f"{group}[{number}]" if isinstance(told, list) else group
            flat |= {f"{prefix}.{word}": str(text) for word, text in row.items()}
    return flat


def list_changes(document: Document, *, now: datetime) -> list[Difference]:
    """Return what would be filled in otherwise today. A patient's own contract is no change."""
    fresh = gather(
        patient=document.patient,
        branch=document.branch,
        appointment=document.appointment,
        now=now,
    )
    if document.kind == DocumentKind.CONTRACT:
        fresh["contract"] = document.fields["contract"]
    return compare(document.fields, fresh)


def find_latest(*, kind: str, patient_id: int, appointment_id: int | None) -> Document | None:
    made = Document.objects.filter(kind=kind, patient=patient_id, appointment=appointment_id)
    return made.order_by("-number").first()


def list_documents(*, patient_id: int) -> QuerySet[Document]:
    """Return all that was made for the patient, the newest first, without the files."""
    rows = Document.objects.filter(patient=patient_id).defer("content", "fields")
    return rows.select_related("branch", "made_by__employee", "appointment__service").order_by(
        "-made_at", "-pk"
    )


def list_of_visit(*, appointment_id: int) -> QuerySet[Document]:
    rows = Document.objects.filter(appointment=appointment_id).defer("content", "fields")
    return rows.order_by("-number")


def access_document(*, actor: User, document_id: int) -> Document:
    """Find the document and authorise for its patient. Raises `Http404`, `PermissionDenied`."""
    rows = Document.objects.select_related(
        "patient",
        "branch",
        "template",
        "made_by__employee",
        *("appointment__branch", "appointment__employee", "appointment__service"),
    )
    document = rows.filter(pk=document_id).first()
    if document is None:
        raise Http404
    access_patient(actor=actor, patient_id=document.patient_id)
    if not plays(actor, MAKERS):
        raise PermissionDenied
    return document


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A kind with its versions, the newest first; without any, the standard one is used."""

    kind: str
    label: str
    versions: Sequence[DocumentTemplate]


def list_wordings() -> list[Wording]:
    rows = DocumentTemplate.objects.defer("content").select_related("uploaded_by__employee")
    versions = list(rows.order_by("-version"))
    return [
        Wording(
            kind=kind.value,
            label=str(kind.label),
            versions=[row for row in versions if row.kind == kind],
        )
        for kind in DocumentKind
    ]


def find_template(*, kind: str) -> DocumentTemplate | None:
    """Return the newest version; None while the clinic uses the standard one."""
    return DocumentTemplate.objects.filter(kind=kind).order_by("-version").first()
