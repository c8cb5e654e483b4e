from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from clinic.models import Setting
from feedback.events import CaseOpened, CaseResolved, VisitReviewed
from feedback.models import Answer, Case, CaseStatus
from outbox.actions import record_event
from outbox.errors import Refused

HIGHEST_UNHAPPY_SCORE = 6


class AlreadyAnswered(Refused):
    code = "already_answered"
    message = _("You have already rated this visit. Thank you!")


class VisitNotFinished(Refused):
    code = "visit_not_finished"
    message = _("This visit has not taken place yet, so it cannot be rated.")


class CaseAlreadyResolved(Refused):
    code = "case_already_resolved"
    message = _("This case is already resolved.")


class ResolutionMissing(Refused):
    code = "resolution_missing"
    status = 400
    message = _("Write how it ended: what was said and what was done for the patient.")


@transaction.atomic
def answer_review(*, appointment_id: int, score: int, comment: str, now: datetime) -> Answer:
    """Store what the patient said of a finished visit, once; 0–6 opens a case with a deadline.

    The deadline is `Setting.case_term_hours` from now. Raises `VisitNotFinished` and
    `AlreadyAnswered`, also when two submits race: the unique key decides.
    """
    appointment = Appointment.objects.get(pk=appointment_id)
    if appointment.status != Appointment.Status.DONE:
        raise VisitNotFinished
    try:
        with transaction.atomic():
            answer = Answer.objects.create(
                patient_id=appointment.patient_id,
                appointment=appointment,
                score=score,
                comment=comment.strip(),
                answered_at=now,
            )
    except IntegrityError as error:
        if not Answer.objects.filter(appointment=appointment).exists():
            raise
        raise AlreadyAnswered from error
    record_event(
        VisitReviewed(patient_id=appointment.patient_id, answer_id=answer.pk, score=score),
        actor_id=None,
        now=now,
    )
    if score <= HIGHEST_UNHAPPY_SCORE:
        _open_case(answer=answer, branch_id=appointment.branch_id, now=now)
    return answer


def _open_case(*, answer: Answer, branch_id: int, now: datetime) -> Case:
    case = Case.objects.create(
        answer=answer,
        patient_id=answer.patient_id,
        branch_id=branch_id,
        due_at=now + timedelta(hours=Setting.load().case_term_hours),
        opened_at=now,
    )
    event = CaseOpened(patient_id=case.patient_id, case_id=case.pk)
    record_event(event, actor_id=None, now=now)
    return case


def _lock_open_case(case_id: int) -> Case:
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    if case.status == CaseStatus.RESOLVED:
        raise CaseAlreadyResolved
    return case


@transaction.atomic
def take_case(*, case_id: int, employee_id: int) -> Case:
    """Make an employee the owner of an open case. Raises `CaseAlreadyResolved`."""
    case = _lock_open_case(case_id)
    case.owner_id, case.status = employee_id, CaseStatus.IN_WORK
    case.save(update_fields=["owner", "status"])
    return case


@transaction.atomic
def resolve_case(*, case_id: int, resolution: str, actor_id: int, now: datetime) -> Case:
    """Close a case with how it ended. Raises `ResolutionMissing`, `CaseAlreadyResolved`."""
    if not resolution.strip():
        raise ResolutionMissing
    case = _lock_open_case(case_id)
    case.status, case.resolution, case.resolved_at = CaseStatus.RESOLVED, resolution.strip(), now
    case.save(update_fields=["status", "resolution", "resolved_at"])
    event = CaseResolved(patient_id=case.patient_id, case_id=case.pk)
    record_event(event, actor_id=actor_id, now=now)
    return case
