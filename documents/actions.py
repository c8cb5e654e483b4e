"""Documents are made once and kept; templates are versions, never changed."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from jinja2 import TemplateError

from appointments.models import Appointment, AppointmentStatus
from clinic.models import Branch
from documents.events import DocumentMade, TemplateUploaded
from documents.filling import WrongWord, fill, sample
from documents.inspection import NotADocument, inspect
from documents.models import Document, DocumentCounter, DocumentKind, DocumentTemplate
from documents.queries import find_latest, find_template, gather, tell_document
from documents.standard import build
from outbox.actions import record_event
from outbox.errors import Refused
from patients.models import Patient

STANDARD_NAME = "standard.docx"


class WrongTemplate(Refused):
    """`word` is what the template may not have, empty where it cannot be told."""

    code = "template_not_plain"
    status = 422
    message = _("A word between the braces is not one of the list, or a brace is not closed.")


class NoBillYet(Refused):
    code = "visit_not_finished"
    message = _("The visit is not finished: there is nothing to write an act about.")


class WrongSubject(Refused):
    code = "wrong_subject"
    status = 422
    message = _("A contract is made for a patient, an act and a consent for one of his visits.")


@transaction.atomic
def upload_template(
    *, kind: str, name: str, content: bytes, actor_id: int | None, now: datetime
) -> DocumentTemplate:
    """Make the file the newest version of its kind; the same file again changes nothing.

    Raises `NotADocument`, `TooLarge`, `HasProgram`, `WrongTemplate`.
    """
    inspect(content)
    try_template(content)
    _hold_counter(kind)
    digest = sha256(content).hexdigest()
    current = find_template(kind=kind)
    if current is not None and current.sha256 == digest:
        return current
    written = _write_version(kind, name, content, actor_id=actor_id, now=now)
    fact = TemplateUploaded(template_id=written.pk, kind=kind, version=written.version)
    record_event(fact, actor_id=actor_id, now=now)
    return written


def try_template(content: bytes) -> None:
    """Fill it with a sample. Raises `WrongTemplate`, `NotADocument`."""
    try:
        fill(content, sample())
    except WrongWord as error:
        text = _("“%(word)s” is not one of the words that a template may have.")
        raise WrongTemplate(text % {"word": error.word[:80]}, word=error.word[:80]) from error
    except (TemplateError, RecursionError) as error:
        raise WrongTemplate(word="") from error
    except (KeyError, ValueError, SyntaxError, AttributeError, TypeError) as error:
        # What python-docx and lxml say about an archive that has the parts but no document.
        raise NotADocument from error


@dataclass(frozen=True, kw_only=True)
class DocumentOrder:
    """Which document for whom. `after` is the id of the one that a new one is made instead of."""

    kind: str
    patient_id: int
    branch_id: int
    appointment_id: int | None = None
    after: int | None = None


@transaction.atomic
def make_document(*, order: DocumentOrder, actor_id: int | None, now: datetime) -> Document:
    """Fill the document in, or return the one that was made for the same subject.

    A second click, or a retry with the same `after`, finds what the first one made. Raises
    `WrongSubject`, `NoBillYet`.
    """
    appointment = _find_appointment(order)
    counter = _hold_counter(order.kind)
    latest = find_latest(
        kind=order.kind, patient_id=order.patient_id, appointment_id=order.appointment_id
    )
    if latest is not None and latest.pk != order.after:
        return latest
    template = find_template(kind=order.kind) or _write_version(
        order.kind, STANDARD_NAME, build(order.kind), actor_id=None, now=now
    )
    patient = Patient.objects.get(pk=order.patient_id)
    branch = appointment.branch if appointment else Branch.objects.get(pk=order.branch_id)
    counter.last += 1
    counter.save(update_fields=["last"])
    fields = gather(patient=patient, branch=branch, appointment=appointment, now=now)
    told = fields | {"document": tell_document(counter.last, branch, now)}
    content = fill(bytes(template.content), told)
    document = Document.objects.create(
        kind=order.kind,
        number=counter.last,
        template=template,
        patient=patient,
        appointment=appointment,
        branch=branch,
        fields=fields,
        content=content,
        sha256=sha256(content).hexdigest(),
        made_at=now,
        made_by_id=actor_id,
    )
    fact = DocumentMade(
        patient_id=patient.pk,
        document_id=document.pk,
        kind=document.kind,
        number=document.number,
        appointment_id=order.appointment_id,
    )
    record_event(fact, actor_id=actor_id, now=now)
    return document


def _find_appointment(order: DocumentOrder) -> Appointment | None:
    if (order.kind == DocumentKind.CONTRACT) != (order.appointment_id is None):
        raise WrongSubject
    if order.appointment_id is None:
        return None
    rows = Appointment.objects.select_related("branch", "employee", "service")
    appointment = rows.filter(pk=order.appointment_id, patient=order.patient_id).first()
    if appointment is None:
        raise WrongSubject
    if order.kind == DocumentKind.ACT and appointment.status != AppointmentStatus.DONE:
        raise NoBillYet
    return appointment


def _hold_counter(kind: str) -> DocumentCounter:
    """Hold the kind's number: whoever makes a document of it stands in one line."""
    DocumentCounter.objects.bulk_create([DocumentCounter(kind=kind)], ignore_conflicts=True)
    return DocumentCounter.objects.select_for_update().get(kind=kind)


def _write_version(
    kind: str, name: str, content: bytes, *, actor_id: int | None, now: datetime
) -> DocumentTemplate:
    newest = find_template(kind=kind)
    return DocumentTemplate.objects.create(
        kind=kind,
        version=newest.version + 1 if newest else 1,
        name=name[:200],
        content=content,
        sha256=sha256(content).hexdigest(),
        uploaded_at=now,
        uploaded_by_id=actor_id,
    )
