"""An import taken back: all that it added and nothing else depends on."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import ManyToOneRel, Model

from appointments.actions import refresh_totals_of
from appointments.models import Appointment, PatientTotals, Visit, VisitLine
from clinic.models import Employee, Service
from intake.actions.imports.running import GAVE
from intake.models import Import, ImportRow
from patients.actions import withdraw_consent
from patients.models import Consent, ConsentOrigin, ContactPoint, Patient

BATCH = 300


def undo_next(file: Import, *, now: datetime) -> bool:
    """Take back a batch, the last rows first; False when all is done.

    A patient whom anything else names stays, and the row says what: proof (the access journal,
    a consent) cannot be deleted, work of the staff must not be.
    """
    rows = list(file.rows.filter(is_done=True).order_by("-number")[:BATCH])
    if not rows:
        _remove_catalogue(file)
        return False
    touched = {row.patient_id for row in rows if row.appointment_id and row.patient_id}
    _take_back_consents(rows, now=now)
    _remove_visits(rows)
    removed = _remove_patients(rows)
    for row in rows:
        row.is_done = False
    ImportRow.objects.bulk_update(
        rows, ["is_done", "reason", "patient", "appointment"], batch_size=100
    )
    refresh_totals_of(patient_ids=touched - removed)
    return True


def _take_back_consents(rows: Sequence[ImportRow], *, now: datetime) -> None:
    """Nobody is written to on the word of a file that was a mistake."""
    for row in rows:
        for remark in row.remarks:
            mark, _colon, consent = str(remark).partition(":")
            purpose, _colon, channel = consent.partition(":")
            if mark != GAVE or row.patient_id is None:
                continue
            newest = (
                Consent.objects.filter(patient_id=row.patient_id, purpose=purpose, channel=channel)
                .order_by("-id")
                .first()
            )
            if newest is not None and newest.origin == ConsentOrigin.IMPORT:
                withdraw_consent(
                    patient_id=row.patient_id,
                    purpose=purpose,
                    channel=channel,
                    origin=ConsentOrigin.IMPORT,
                    actor_id=row.file.actor_id,
                    ip=None,
                    now=now,
                )


def _remove_visits(rows: Sequence[ImportRow]) -> None:
    ids = {row.appointment_id for row in rows if row.appointment_id}
    stays = find_dependents(Appointment, ids, besides=(Visit, ImportRow))
    visits = Visit.objects.filter(appointment__in=ids - stays.keys())
    used = find_dependents(Visit, set(visits.values_list("pk", flat=True)), besides=(VisitLine,))
    stays |= {visit.appointment_id: used[visit.pk] for visit in visits if visit.pk in used}
    gone = ids - stays.keys()
    ImportRow.objects.filter(appointment__in=gone).update(appointment=None)
    VisitLine.objects.filter(visit__appointment__in=gone).delete()
    Visit.objects.filter(appointment__in=gone).delete()
    Appointment.objects.filter(pk__in=gone).delete()
    for row in rows:
        if row.appointment_id in gone:
            row.appointment_id = None
        elif row.appointment_id:
            row.reason = f"stays:{stays[row.appointment_id]}"


def _remove_patients(rows: Sequence[ImportRow]) -> set[int]:
    """Remove the patients that these rows added; return whom nothing else kept."""
    ids = {row.patient_id for row in rows if row.has_added and row.patient_id}
    stays = find_dependents(Patient, ids, besides=(ContactPoint, PatientTotals, ImportRow))
    gone = ids - stays.keys()
    ImportRow.objects.filter(patient__in=gone).update(patient=None)
    ImportRow.objects.filter(candidate__in=gone).update(candidate=None)
    ContactPoint.objects.filter(patient__in=gone).delete()
    PatientTotals.objects.filter(patient__in=gone).delete()
    Patient.objects.filter(pk__in=gone).delete()
    for row in rows:
        if row.patient_id in gone:
            row.patient_id = None
        elif row.patient_id in stays and row.has_added:
            row.reason = row.reason or f"stays:{stays[row.patient_id]}"
    return gone


def _remove_catalogue(file: Import) -> None:
    """Doctors and services that the import had to add go as well, unless somebody uses them."""
    services, employees = set(file.made.get("services", ())), set(file.made.get("employees", ()))
    used = find_dependents(Service, services, besides=())
    Service.objects.filter(pk__in=services - used.keys()).delete()
    used = find_dependents(Employee, employees, besides=(Employee.branches.through,))
    Employee.objects.filter(pk__in=employees - used.keys()).delete()
    file.made = {}
    file.save(update_fields=["made"])


def find_dependents(
    model: type[Model], ids: Collection[int], *, besides: Collection[type[Model]]
) -> dict[int, str]:
    """Return which of the rows some other table names, and one of those tables (`app.model`).

    The tables are those of the whole product, rooms above included; `besides` are the caller's.
    """
    found: dict[int, str] = {}
    for relation in model._meta.get_fields(include_hidden=True):
        source: Any = relation.related_model
        if not isinstance(relation, ManyToOneRel) or source in besides:
            continue
        field = relation.field.name
        rows = source._default_manager.filter(**{f"{field}__in": ids})
        for owner_id in rows.values_list(field, flat=True).distinct():
            found.setdefault(owner_id, source._meta.label_lower)
    return found
