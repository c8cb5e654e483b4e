"""The funnel: requests → booked → came → came again. docs/funnel.md has the definitions.

Everything is counted from one statement grouped by outcome, source and branch; the rows behind a
figure are the same requests with the same outcome, so the two cannot differ.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from appointments.models import Appointment
from clinic.models import Branch
from intake.models import ImportRow, LossReason, Request
from patients.models import Patient, Source
from reports.queries.outcomes import STEPS, in_step, is_in_step, outcome_of, step_of

SPAM = f"lost:{LossReason.SPAM}"

_PAID = F("appointment__visit__paid") - F("appointment__visit__paid_points")

NOT_TOLD = 0
"""Stands for "no source" and "no branch" where an id is asked for."""


@dataclass(frozen=True, kw_only=True)
class FunnelFilter:
    """Requests received from `since` on and before `until`, days of the installation's zone."""

    since: date
    until: date
    branch_id: int | None = None
    source_id: int | None = None

    @property
    def period(self) -> tuple[datetime, datetime]:
        zone = ZoneInfo(settings.TIME_ZONE)
        since, until = (
            datetime.combine(day, time.min, tzinfo=zone) for day in (self.since, self.until)
        )
        return since, until


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Those who reached a step and not the next, for one reason."""

    outcome: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """`count` of `before` in the step above; `money` in roubles was paid at these visits."""

    code: str
    count: int
    before: int
    losses: tuple[Loss, ...]
    money: Decimal | None = None

    @property
    def lost(self) -> int:
        return sum(loss.count for loss in self.losses)


@dataclass(frozen=True, kw_only=True)
class Line:
    """The funnel of one source or branch; `id` is `NOT_TOLD` for requests without one."""

    id: int
    name: str
    counts: tuple[int, ...]
    money: Decimal


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """`newcomers` are those who came without a request, step by step from "card created"."""

    steps: tuple[Step, ...]
    by_source: tuple[Line, ...]
    by_branch: tuple[Line, ...]
    spam: int
    newcomers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class _Cell:
    outcome: str
    source_id: int
    branch_id: int
    count: int
    money: Decimal


def read_funnel(*, wanted: FunnelFilter, now: datetime) -> Funnel:
    """Count the funnel in five statements, however large the clinic is."""
    cells = _read_cells(wanted, now)
    return Funnel(
        steps=_list_steps(cells),
        by_source=_list_lines(cells, "source_id", dict(Source.objects.values_list("pk", "name"))),
        by_branch=_list_lines(cells, "branch_id", dict(Branch.objects.values_list("pk", "name"))),
        spam=_received(wanted).filter(_is_spam()).count(),
        newcomers=_count_newcomers(wanted),
    )


def list_rows(
    *, wanted: FunnelFilter, step: str = "requests", outcome: str = "", now: datetime
) -> QuerySet[Request]:
    """The requests behind a figure, newest first: all of a step, or those of one outcome.

    `money` is what was paid at the visit, in roubles without points: it adds up to the figure.
    """
    received = _received(wanted).filter(_is_spam()) if outcome == SPAM else _cohort(wanted)
    cohort = received.annotate(outcome=outcome_of(now), money=_PAID)
    found = cohort.filter(outcome=outcome) if outcome else cohort.filter(in_step(step))
    related = found.select_related("patient", "source", "branch", "appointment__branch")
    return related.order_by("-created_at", "-pk")


def list_newcomers(*, wanted: FunnelFilter, step: str = "requests") -> QuerySet[Patient]:
    """Patients whose card was made in the period and who never left a request.

    Cards that an import brought are not counted: those people are not new. `step` narrows them
    to those with an appointment ("booked"), a visit ("came"), two ("again").
    """
    since, until = wanted.period
    requests = Request.objects.filter(patient=OuterRef("pk"))
    imported = ImportRow.objects.filter(patient=OuterRef("pk"))
    found = Patient.objects.filter(
        ~Exists(requests), ~Exists(imported), created_at__gte=since, created_at__lt=until
    )
    if wanted.branch_id is not None:
        found = found.filter(branch=wanted.branch_id or None)
    if wanted.source_id is not None:
        found = found.filter(_given("source", wanted.source_id))
    return found.filter(_newcomer_in(step)).order_by("-created_at", "-pk")


def _newcomer_in(step: str) -> Q:
    match step:
        case "booked":
            return Q(Exists(Appointment.objects.filter(patient=OuterRef("pk"))))
        case "came":
            return Q(totals__visits__gte=1)
        case "again":
            return Q(totals__visits__gte=2)
    return Q()


def _count_newcomers(wanted: FunnelFilter) -> tuple[int, ...]:
    counts = (
        list_newcomers(wanted=wanted)
        .order_by()
        .aggregate(
            **{step: Count("pk", filter=_newcomer_in(step)) for step in STEPS[1:]},
            requests=Count("pk"),
        )
    )
    return tuple(counts[step] for step in STEPS)


def _is_spam() -> Q:
    return Q(loss_reason=LossReason.SPAM, appointment__isnull=True)


def _received(wanted: FunnelFilter) -> QuerySet[Request]:
    """All requests of the period, narrowed as wanted; a request without a branch takes that of
    the appointment it led to."""
    since, until = wanted.period
    found = Request.objects.filter(created_at__gte=since, created_at__lt=until).annotate(
        place=Coalesce("branch", "appointment__branch")
    )
    if wanted.branch_id is not None:
        found = found.filter(_given("place", wanted.branch_id))
    if wanted.source_id is not None:
        found = found.filter(_given("source", wanted.source_id))
    return found


def _given(column: str, wanted_id: int) -> Q:
    return Q((column, wanted_id)) if wanted_id else Q((f"{column}__isnull", True))


def _cohort(wanted: FunnelFilter) -> QuerySet[Request]:
    return _received(wanted).exclude(_is_spam())


def _read_cells(wanted: FunnelFilter, now: datetime) -> list[_Cell]:
    rows = (
        _cohort(wanted)
        .annotate(outcome=outcome_of(now))
        .order_by()
        .values("outcome", "source", "place")
        .annotate(count=Count("pk"), money=Sum(_PAID))
    )
    return [
        _Cell(
            outcome=row["outcome"],
            source_id=row["source"] or NOT_TOLD,
            branch_id=row["place"] or NOT_TOLD,
            count=row["count"],
            money=row["money"] or Decimal(0),
        )
        for row in rows
    ]


def _list_steps(cells: list[_Cell]) -> tuple[Step, ...]:
    counts = _count_steps(cells)
    return tuple(
        Step(
            code=step,
            count=counts[place],
            before=counts[max(place - 1, 0)],
            losses=_list_losses(cells, step) if step != STEPS[-1] else (),
            money=_add_money(cells, step) if step == "came" else None,
        )
        for place, step in enumerate(STEPS)
    )


def _list_losses(cells: Iterable[_Cell], step: str) -> tuple[Loss, ...]:
    found: Counter[str] = Counter()
    for cell in cells:
        if step_of(cell.outcome) == step:
            found[cell.outcome] += cell.count
    return tuple(Loss(outcome=outcome, count=count) for outcome, count in found.most_common())


def _count_steps(cells: Iterable[_Cell]) -> tuple[int, ...]:
    listed = list(cells)
    return tuple(
        sum(cell.count for cell in listed if is_in_step(step, cell.outcome)) for step in STEPS
    )


def _add_money(cells: Iterable[_Cell], step: str) -> Decimal:
    found = (cell.money for cell in cells if is_in_step(step, cell.outcome))
    return sum(found, Decimal(0))


def _list_lines(cells: list[_Cell], column: str, names: dict[int, str]) -> tuple[Line, ...]:
    by_id: dict[int, list[_Cell]] = {}
    for cell in cells:
        by_id.setdefault(getattr(cell, column), []).append(cell)
    lines = [
        Line(
            id=key,
            name=names.get(key, ""),
            counts=_count_steps(own),
            money=_add_money(own, "came"),
        )
        for key, own in by_id.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.counts[0], line.name)))
