from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from outbox.actions import record_event
from outbox.errors import Refused
from patients.events import PatientChanged
from patients.models import Patient, Relation, RelationKind

INVERSE = {
    RelationKind.PARENT: RelationKind.CHILD,
    RelationKind.CHILD: RelationKind.PARENT,
    RelationKind.SPOUSE: RelationKind.SPOUSE,
    RelationKind.OTHER: RelationKind.OTHER,
}


class RelativeIsSelf(Refused):
    code = "relative_is_self"
    status = 400
    message = _("This is the same patient. Choose another one.")


@transaction.atomic
def relate_patients(
    *, patient_id: int, relative_id: int, kind: str, actor_id: int | None, now: datetime
) -> Relation:
    """Note that `relative` is the `kind` of `patient`; the other card says the inverse.

    A relation between the two that was noted otherwise is corrected. Raises `RelativeIsSelf`.
    """
    if patient_id == relative_id:
        raise RelativeIsSelf
    _lock(patient_id, relative_id)
    relation, is_changed = _put(patient_id, relative_id, RelationKind(kind))
    _put(relative_id, patient_id, INVERSE[RelationKind(kind)])
    if is_changed:
        _record(patient_id, relative_id, actor_id=actor_id, now=now)
    return relation


@transaction.atomic
def separate_patients(
    *, patient_id: int, relative_id: int, actor_id: int | None, now: datetime
) -> None:
    """Forget that the two are related, on both cards."""
    _lock(patient_id, relative_id)
    gone, _by_model = Relation.objects.filter(
        patient_id__in=[patient_id, relative_id], relative_id__in=[patient_id, relative_id]
    ).delete()
    if gone:
        _record(patient_id, relative_id, actor_id=actor_id, now=now)


def _lock(*patient_ids: int) -> None:
    patients = Patient.objects.select_for_update(no_key=True).filter(pk__in=patient_ids)
    list(patients.order_by("pk").values_list("pk"))


def _put(patient_id: int, relative_id: int, kind: RelationKind) -> tuple[Relation, bool]:
    relation = Relation.objects.filter(patient_id=patient_id, relative_id=relative_id).first()
    if relation is None:
        return Relation.objects.create(
            patient_id=patient_id, relative_id=relative_id, kind=kind
        ), True
    is_changed = relation.kind != kind
    relation.kind = kind
    relation.save(update_fields=["kind"])
    return relation, is_changed


def _record(*patient_ids: int, actor_id: int | None, now: datetime) -> None:
    for patient_id in patient_ids:
        record_event(
            PatientChanged(patient_id=patient_id, fields=("relations",)), actor_id=actor_id, now=now
        )
