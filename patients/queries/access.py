from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from clinic.access import ANY_ROLE, plays
from clinic.models import Role, User
from patients.circle import TIES
from patients.models import Patient

SEES_ALL = (Role.ADMINISTRATOR, Role.MANAGER, Role.MARKETER)


def list_visible_patients(*, actor: User) -> QuerySet[Patient]:
    """Return the patients that the user may know of: a doctor his own, a stranger none."""
    if plays(actor, SEES_ALL):
        return Patient.objects.all()
    if actor.role == Role.DOCTOR:
        return Patient.objects.filter(_is_patient_of(actor))
    return Patient.objects.none()


def _is_patient_of(doctor: User) -> Q:
    ties = [Exists(tie(doctor.pk).filter(patient_id=OuterRef("pk"))) for tie in TIES.values()]
    return Q(*ties, _connector=Q.OR) if ties else Q(pk__in=[])


def access_patient(*, actor: User, patient_id: int) -> Patient:
    """Find the patient and authorise the user to see the card.

    Raises `Http404` when there is none or the user has no role, `PermissionDenied` for a doctor
    who has neither an appointment nor a course with the patient.
    """
    if not plays(actor, ANY_ROLE):
        raise Http404
    patient = Patient.objects.filter(pk=patient_id).select_related("branch", "source").first()
    if patient is None:
        raise Http404
    if not plays(actor, SEES_ALL) and not _is_own(actor, patient):
        raise PermissionDenied
    return patient


def _is_own(doctor: User, patient: Patient) -> bool:
    return list_visible_patients(actor=doctor).filter(pk=patient.pk).exists()


def sees_contacts(actor: User) -> bool:
    """Whether phones and e-mails are shown whole; to a marketer they are masked."""
    return plays(actor, (Role.ADMINISTRATOR, Role.MANAGER, Role.DOCTOR))
