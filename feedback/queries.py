from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from feedback.models import Answer, Case, ReviewSite

NPS_PERIOD = timedelta(days=90)
ENOUGH_ANSWERS = 30
"""Below this many answers the figure is shown with a word of caution."""


@dataclass(frozen=True)
class Nps:
    """Net promoter score: per cent of 9–10 less per cent of 0–6, from −100 to 100."""

    answers: int
    promoters: int
    passives: int
    detractors: int

    @property
    def score(self) -> int | None:
        if not self.answers:
            return None
        return round(100 * (self.promoters - self.detractors) / self.answers)

    @property
    def is_shaky(self) -> bool:
        return self.answers < ENOUGH_ANSWERS


def get_nps(*, now: datetime, branch_id: int | None = None) -> Nps:
    """Return the score over the last 90 days, of one branch or of all."""
    answers = list_answers(branch_id=branch_id).filter(answered_at__gt=now - NPS_PERIOD)
    counts = answers.aggregate(
        answers=Count("id"),
        promoters=Count("id", filter=Q(score__gte=9)),
        passives=Count("id", filter=Q(score__in=(7, 8))),
        detractors=Count("id", filter=Q(score__lte=6)),
    )
    return Nps(**counts)


def list_answers(*, branch_id: int | None = None) -> QuerySet[Answer]:
    """Return the answers, newest first, with patient, visit and case at hand."""
    answers = Answer.objects.select_related(
        "patient",
        "case",
        "appointment__employee",
        "appointment__branch",
        "appointment__service",
    ).order_by("-answered_at", "-id")
    return answers if branch_id is None else answers.filter(appointment__branch_id=branch_id)


def list_cases(*, branch_id: int | None = None) -> QuerySet[Case]:
    """Return the cases, the nearest deadline first."""
    cases = Case.objects.select_related(
        "patient", "owner", "branch", "answer__appointment__employee"
    ).order_by("due_at", "id")
    return cases if branch_id is None else cases.filter(branch_id=branch_id)


def list_review_sites(*, branch_id: int) -> QuerySet[ReviewSite]:
    """Return where everyone, happy or not, may write in public."""
    return ReviewSite.objects.filter(branch_id=branch_id).order_by("position", "id")
