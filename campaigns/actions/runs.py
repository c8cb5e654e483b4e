"""Patients on their way through scenarios: in, step by step, and out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest, Least, Now

from campaigns.actions.steps import take_step
from campaigns.events import RunLeft
from campaigns.models import Run, RunStatus, Scenario, Step, Trigger
from campaigns.queries.candidates import Candidate, list_candidates, list_silent, may_enter
from campaigns.queries.runs import find_reason_to_leave
from campaigns.queries.scenarios import list_steps
from campaigns.segments.compiler import compile_rule
from campaigns.timing import due_at
from outbox.actions import record_event
from patients.models import Patient

BATCH = 1000


@transaction.atomic
def start_runs(*, scenario_id: int, now: datetime) -> int:
    """Start a run for everyone the trigger has found since the watermark; return how many.

    The scenario row is locked, so two schedulers take turns, and the unique key of a run makes a
    repetition harmless. A scenario that another worker holds is left to it. The watermark never
    runs ahead of the database's clock: a look into the future (`tick --now`) leaves it behind.
    """
    scenario = (
        Scenario.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("segment")
        .filter(pk=scenario_id, is_active=True)
        .first()
    )
    if scenario is None or scenario.watermark_at is None:
        return 0
    steps = list_steps(scenario)
    found = list_candidates(
        scenario=scenario, first_step=steps[0], since=scenario.watermark_at, now=now
    )
    started = _start(scenario, steps[0], found, now=now)
    Scenario.objects.filter(pk=scenario.pk).update(
        watermark_at=Greatest(F("watermark_at"), Least(Value(now), Now()))
    )
    return started


def start_all_runs(*, now: datetime) -> int:
    """Let every running scenario look for whom to start with; return how many runs began."""
    running = list(Scenario.objects.filter(is_active=True).values_list("pk", flat=True))
    return sum(start_runs(scenario_id=scenario_id, now=now) for scenario_id in running)


def _start(scenario: Scenario, step: Step, found: list[Candidate], *, now: datetime) -> int:
    allowed = _allowed(scenario, {candidate.patient_id for candidate in found}, now=now)
    runs = [
        Run(
            scenario=scenario,
            version_id=step.version_id,
            patient_id=candidate.patient_id,
            subject_id=candidate.subject_id,
            subject_mark=candidate.mark,
            anchor_at=candidate.anchor_at,
            next_position=step.position,
            next_at=_due(step, candidate.anchor_at, candidate.zone),
            started_at=now,
        )
        for candidate in _one_per_pause(scenario, found)
        if candidate.patient_id in allowed
    ]
    Run.objects.bulk_create(runs, batch_size=BATCH, ignore_conflicts=True)
    return len(runs)


def _allowed(scenario: Scenario, patient_ids: set[int], *, now: datetime) -> set[int]:
    patients = Patient.objects.filter(pk__in=patient_ids).filter(may_enter(scenario, now=now))
    if scenario.segment is not None:
        patients = patients.filter(pk__in=compile_rule(scenario.segment.rule, now=now).values("pk"))
    return set(patients.values_list("pk", flat=True))


def _one_per_pause(scenario: Scenario, found: list[Candidate]) -> Iterable[Candidate]:
    """Of two candidates of one patient in one look, a scenario with a pause takes the latest."""
    if not scenario.pause_days:
        return found
    return {candidate.patient_id: candidate for candidate in found}.values()


def _due(step: Step, anchor_at: datetime, zone: str) -> datetime:
    return due_at(
        anchor_at=anchor_at, offset=step.offset, at_time=step.at_time, zone=ZoneInfo(zone)
    )


@transaction.atomic
def step_next(*, now: datetime) -> bool:
    """Take the next due step of one run, or let the run leave; False when nothing is due.

    The step's effect (a message row, a task) and the run's move to the next step commit
    together, under a lock that other workers skip.
    """
    run = (
        Run.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("scenario", "patient__branch")
        .filter(status=RunStatus.ACTIVE, next_at__lte=now)
        .order_by("next_at", "id")
        .first()
    )
    if run is None:
        return False
    reason = find_reason_to_leave(run, now=now)
    if reason:
        _leave(run, reason=reason, now=now)
        return True
    steps = list(Step.objects.filter(version_id=run.version_id, position__gte=run.next_position))
    steps.sort(key=lambda step: step.position)
    zone = take_step(run=run, step=steps[0], now=now)
    if len(steps) > 1:
        run.next_position = steps[1].position
        run.next_at = _due(steps[1], run.anchor_at, zone)
    else:
        run.status, run.next_at, run.ended_at = RunStatus.FINISHED, None, now
    run.save(update_fields=["status", "next_position", "next_at", "ended_at"])
    return True


def _leave(run: Run, *, reason: str, now: datetime) -> None:
    run.status, run.left_reason, run.next_at, run.ended_at = RunStatus.LEFT, reason, None, now
    run.save(update_fields=["status", "left_reason", "next_at", "ended_at"])
    event = RunLeft(patient_id=run.patient_id, run_id=run.pk, reason=reason)
    record_event(event, actor_id=None, now=now)


@transaction.atomic
def leave_silence(*, patient_id: int, reason: str, now: datetime) -> int:
    """End the patient's reactivation at once (they booked); return how many runs ended."""
    runs = Run.objects.select_for_update(of=("self",), no_key=True).filter(
        patient_id=patient_id, status=RunStatus.ACTIVE, scenario__trigger=Trigger.SILENCE
    )
    ended = list(runs.order_by("pk"))
    for run in ended:
        _leave(run, reason=reason, now=now)
    return len(ended)


@transaction.atomic
def reconsider_silence(*, patient_id: int, now: datetime) -> int:
    """Start the reactivation of a patient whose booking fell away after the day had passed.

    The watermark has gone by while a visit was booked; the steps count from as if the silence
    had reached the first step just now, so nobody gets three messages at once.
    """
    started = 0
    for scenario in Scenario.objects.filter(is_active=True, trigger=Trigger.SILENCE):
        step = list_steps(scenario)[0]
        overdue = Q(patient_id=patient_id, last_visit_at__lte=now - step.offset)
        found = [
            replace(candidate, anchor_at=now - step.offset)
            for candidate in list_silent(scenario=scenario, which=overdue, now=now)
        ]
        started += _start(scenario, step, found, now=now)
    return started
