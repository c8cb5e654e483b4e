"""What is open with the patient now, and how earlier matters ended."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Condition, Rows, Topic, Trait
from campaigns.segments.traits.kinds import ActivityTrait, FlagTrait, NumberTrait
from campaigns.segments.traits.options import Codes
from campaigns.segments.traits.sql import between
from campaigns.segments.values import Interval
from feedback.models import Answer, Case, CaseStatus
from intake.models import LossReason, Request, RequestStatus
from prescriptions.models import DropReason, LineStatus, PrescriptionLine
from worklist.models import Task, TaskStatus

HIGHEST_SCORE = 10


def last_answers() -> QuerySet[Answer]:
    """The newest answer of each patient."""
    newer = Answer.objects.filter(
        Q(answered_at__gt=OuterRef("answered_at"))
        | Q(answered_at=OuterRef("answered_at"), pk__gt=OuterRef("pk")),
        patient=OuterRef("patient"),
    )
    return Answer.objects.filter(~Exists(newer), patient=OuterRef("pk"))


def scored_last(asked: Interval[Any], moment: Moment) -> Q:
    return Q(Exists(last_answers().filter(between("score", asked))))


def has_any(rows: QuerySet[Any], patient: str = "patient") -> Condition:
    return lambda moment: Q(Exists(rows.filter((patient, OuterRef("pk")))))


def dropped_lines() -> Rows:
    return PrescriptionLine.objects.filter(status=LineStatus.DROPPED)


def lost_requests() -> Rows:
    return Request.objects.filter(status=RequestStatus.LOST, patient__isnull=False)


STORY: tuple[Trait, ...] = (
    NumberTrait(
        code="last_score",
        topic=Topic.STORY,
        label=_("Last survey score"),
        hint=_("0–6: unhappy, 7–8: neutral, 9–10: would recommend."),
        most=HIGHEST_SCORE,
        within=scored_last,
        number=lambda moment: Subquery(last_answers().values("score")),
        unknown=lambda moment: ~Q(Exists(Answer.objects.filter(patient=OuterRef("pk")))),
        unknown_label=_("has not answered yet"),
    ),
    FlagTrait(
        code="open_case",
        topic=Topic.STORY,
        label=_("Has an unsettled complaint"),
        holds=has_any(Case.objects.filter(status__in=[CaseStatus.OPEN, CaseStatus.IN_WORK])),
    ),
    FlagTrait(
        code="open_course",
        topic=Topic.STORY,
        label=_("Has an unfinished course"),
        holds=has_any(
            PrescriptionLine.objects.exclude(status__in=[LineStatus.FINISHED, LineStatus.DROPPED]),
            "prescription__patient",
        ),
    ),
    ActivityTrait(
        code="course_dropped",
        topic=Topic.STORY,
        label=_("Reason to drop a course"),
        rows=dropped_lines,
        patient="prescription__patient",
        of="drop_reason",
        at="closed_at",
        choices=Codes.of(DropReason),
        did_label=_("was “…”"),
        did_not_label=_("was not “…”"),
    ),
    FlagTrait(
        code="open_request",
        topic=Topic.STORY,
        label=_("Has an open request"),
        holds=has_any(
            Request.objects.filter(status__in=[RequestStatus.NEW, RequestStatus.IN_WORK])
        ),
    ),
    ActivityTrait(
        code="request_lost",
        topic=Topic.STORY,
        label=_("Reason of a lost request"),
        rows=lost_requests,
        patient="patient",
        of="loss_reason",
        at="created_at",
        choices=Codes.of(LossReason),
        did_label=_("was “…”"),
        did_not_label=_("was not “…”"),
    ),
    FlagTrait(
        code="open_task",
        topic=Topic.STORY,
        label=_("Has an open task"),
        hint=_("Someone on the staff is about to deal with the patient already."),
        holds=has_any(Task.objects.filter(status=TaskStatus.OPEN)),
    ),
)
