"""What a step does: one message row or one task, however often it is tried."""

from datetime import datetime, timedelta

from appointments.models import Appointment
from campaigns.models import Run, Step, StepKind, Trigger
from campaigns.queries.scenarios import RUN
from clinic.models import Role
from messaging.actions import MessageDraft, Subject, issue_link, queue_message
from messaging.kinds import describe_branch, describe_moment
from messaging.models import LinkPurpose
from worklist.actions import TaskOrder, open_task
from worklist.models import TaskKind

REVIEW_LINK_LIVES = timedelta(days=30)
TASK_TERM = timedelta(days=3)


def take_step(*, run: Run, step: Step, now: datetime) -> str:
    """Write the message or the task of a step; return the time zone that the run lives in.

    The key names run and step, so a repetition writes nothing. A message that is already too
    late is written all the same: the sender marks it expired, and people see why.
    """
    visit = Appointment.objects.select_related("branch").get(pk=run.subject_id)
    if step.kind == StepKind.TASK:
        _open_call_task(run, step, visit, now=now)
    else:
        _queue(run, step, visit, now=now)
    return visit.branch.time_zone


def _queue(run: Run, step: Step, visit: Appointment, *, now: datetime) -> None:
    due = run.next_at or now
    expires_at = due + step.lives_for
    if run.scenario.trigger == Trigger.BEFORE_APPOINTMENT:
        expires_at = min(expires_at, visit.starts_at)
    draft = MessageDraft(
        key=f"run:{run.pk}:{step.position}",
        patient_id=run.patient_id,
        template_code=step.template_code,
        values=_values(run, visit, now=now),
        subject=Subject(RUN, run.pk, str(step.position)),
        send_at=due,
        expires_at=expires_at,
        zone=visit.branch.time_zone,
    )
    queue_message(draft=draft, now=now)


def _values(run: Run, visit: Appointment, *, now: datetime) -> dict[str, str]:
    """Return what the texts of the trigger may say: never a service, a specialty or a doctor."""
    values = describe_branch(visit.branch)
    match run.scenario.trigger:
        case Trigger.BEFORE_APPOINTMENT:
            language = run.patient.language
            values |= describe_moment(visit.starts_at, zone=visit.branch.zone, language=language)
            values["link"] = _link(LinkPurpose.APPOINTMENT, visit, until=visit.ends_at, now=now)
        case Trigger.AFTER_VISIT:
            until = now + REVIEW_LINK_LIVES
            values["link"] = _link(LinkPurpose.REVIEW, visit, until=until, now=now)
    return values


def _link(purpose: LinkPurpose, visit: Appointment, *, until: datetime, now: datetime) -> str:
    return issue_link(
        purpose=purpose,
        patient_id=visit.patient_id,
        subject_id=visit.pk,
        expires_at=until,
        now=now,
    )


def _open_call_task(run: Run, step: Step, visit: Appointment, *, now: datetime) -> None:
    order = TaskOrder(
        kind=TaskKind.CALL_BACK,
        patient_id=run.patient_id,
        branch_id=visit.branch_id,
        role=Role.ADMINISTRATOR,
        assignee_id=None,
        note=step.note,
        source=f"run:{run.pk}:{step.position}",
        subject_kind=RUN,
        subject_id=run.pk,
        due_at=now + TASK_TERM,
    )
    open_task(order=order, actor_id=None, now=now)
