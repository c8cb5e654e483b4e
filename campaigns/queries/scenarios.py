from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from campaigns.models import Run, RunStatus, Scenario, Step
from messaging.kinds import KINDS
from messaging.models import Message, MessageStatus

RUN = "campaigns.run"
COUNTED_PERIOD = timedelta(days=30)


@dataclass(frozen=True)
class StepView:
    """A step as the page shows it; counts are messages of runs begun in the last 30 days."""

    position: int
    kind: str
    offset: timedelta
    at_time: str
    text_name: str
    note: str
    waiting: int
    sent: int
    held: int


@dataclass(frozen=True)
class ScenarioView:
    """A scenario with how many are on their way and how runs of the last 30 days ended."""

    scenario: Scenario
    steps: list[StepView]
    under_way: int
    entered: int
    finished: int
    left: int
    left_by_reason: list[tuple[str, int]]


def list_steps(scenario: Scenario) -> list[Step]:
    """Return the steps of the newest version, in order; a scenario always has at least one."""
    newest = scenario.versions.order_by("-number").values("pk")[:1]
    return list(Step.objects.filter(version__in=newest).order_by("position"))


def list_scenarios(*, now: datetime) -> list[ScenarioView]:
    """Return all scenarios for the map of communications."""
    scenarios = Scenario.objects.select_related("segment").order_by("trigger", "pk")
    return [get_scenario_view(scenario=scenario, now=now) for scenario in scenarios]


def get_scenario_view(*, scenario: Scenario, now: datetime) -> ScenarioView:
    recent = Run.objects.filter(scenario=scenario, started_at__gt=now - COUNTED_PERIOD)
    by_end: Counter[str] = Counter()
    by_reason: Counter[str] = Counter()
    for status, reason, count in recent.values_list("status", "left_reason").annotate(Count("id")):
        by_end[status] += count
        if status == RunStatus.LEFT:
            by_reason[reason] += count
    return ScenarioView(
        scenario=scenario,
        steps=_views_of_steps(scenario, since=now - COUNTED_PERIOD),
        under_way=Run.objects.filter(scenario=scenario, status=RunStatus.ACTIVE).count(),
        entered=sum(by_end.values()),
        finished=by_end[RunStatus.FINISHED],
        left=by_end[RunStatus.LEFT],
        left_by_reason=by_reason.most_common(),
    )


def _views_of_steps(scenario: Scenario, *, since: datetime) -> list[StepView]:
    steps = list_steps(scenario)
    counts = _message_counts(scenario, since=since)
    return [
        StepView(
            position=step.position,
            kind=step.kind,
            offset=step.offset,
            at_time=f"{step.at_time:%H:%M}" if step.at_time else "",
            text_name=str(KINDS[step.template_code].name) if step.template_code else "",
            note=step.note,
            waiting=counts[step.position]["waiting"],
            sent=counts[step.position]["sent"],
            held=counts[step.position]["held"],
        )
        for step in steps
    ]


GROUPS = {
    MessageStatus.QUEUED: "waiting",
    MessageStatus.SENDING: "waiting",
    MessageStatus.SENT: "sent",
    MessageStatus.DELIVERED: "sent",
}


def _message_counts(scenario: Scenario, *, since: datetime) -> dict[int, Counter[str]]:
    """Return messages per step position: waiting, sent, held. The step is in the message's mark."""
    runs = Run.objects.filter(scenario=scenario, started_at__gt=since)
    rows = (
        Message.objects.filter(subject_kind=RUN, subject_id__in=runs.values("pk"))
        .values_list("subject_mark", "status")
        .annotate(Count("id"))
    )
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for mark, status, count in rows:
        counts[int(mark)][GROUPS.get(MessageStatus(status), "held")] += count
    return counts
