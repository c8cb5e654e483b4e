from django.utils.translation import gettext as _

from desk.queries.timeline.facts import Fact
from desk.queries.timeline.telling import Group, Words, joined, tells
from feedback.events import CaseOpened, CaseResolved, VisitReviewed
from prescriptions.events import (
    CoursePrescribed,
    LineDropped,
    LineFinished,
    LineHandedOver,
    LineReopened,
)
from prescriptions.models import DropReason, PrescriptionLine


@tells(CoursePrescribed, group=Group.VISITS, icon="clipboard-plus", tone="violet")
def tell_prescribed(fact: Fact) -> Words:
    course = fact.get("prescription_id")
    if course is None:
        return _("Course prescribed"), ""
    lines = ", ".join(_in_short(line) for line in course.lines.all())
    return _("Course prescribed"), joined(lines, course.doctor.short_name, course.note)


@tells(LineHandedOver, group=Group.VISITS, icon="arrow-forward-up", tone="violet")
def tell_handed_over(fact: Fact) -> Words:
    line = fact.get("line_id")
    to = line.specialist.short_name if line and line.specialist else ""
    return _("Course handed over"), joined(_in_short(line), to)


@tells(LineFinished, group=Group.VISITS, icon="clipboard-check", tone="success")
def tell_line_finished(fact: Fact) -> Words:
    return _("Course carried out"), _in_short(fact.get("line_id"))


@tells(LineDropped, group=Group.VISITS, icon="circle-minus", tone="danger")
def tell_line_dropped(fact: Fact) -> Words:
    line, code = fact.get("line_id"), fact.get("reason")
    reason = DropReason(code).label if code in DropReason.values else ""
    return _("Course dropped"), joined(_in_short(line), reason, line.drop_note if line else "")


@tells(LineReopened, group=Group.VISITS, icon="arrow-back-up")
def tell_line_reopened(fact: Fact) -> Words:
    return _("Course taken up again"), _in_short(fact.get("line_id"))


def _in_short(line: PrescriptionLine | None) -> str:
    """«Массаж спины × 10»."""
    return f"{line.service} × {line.sessions}" if line else ""


@tells(VisitReviewed, group=Group.OUTREACH, icon="message-star", tone="info")
def tell_reviewed(fact: Fact) -> Words:
    answer = fact.get("answer_id")
    title = _("Review: %(score)s of 10") % {"score": fact.get("score")}
    return title, answer.comment if answer else ""


@tells(CaseOpened, group=Group.WORK, icon="mood-sad", tone="danger")
def tell_case_opened(fact: Fact) -> Words:
    case = fact.get("case_id")
    score = case.answer.score if case else ""
    return _("Complaint opened"), _("review: %(score)s of 10") % {"score": score} if case else ""


@tells(CaseResolved, group=Group.WORK, icon="mood-smile", tone="success")
def tell_case_resolved(fact: Fact) -> Words:
    case = fact.get("case_id")
    return _("Complaint settled"), case.resolution if case else ""
