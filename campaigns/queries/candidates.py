"""Whom a trigger has found since it last looked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.functions import Cast, Extract
from django.db.models.lookups import Exact

from appointments.models import UPCOMING, Appointment, PatientTotals, Visit
from campaigns.models import Run, Scenario, Step, Trigger
from campaigns.timing import DAY
from messaging.models import Purpose
from patients.models import Channel, Consent

OVERLAP = timedelta(hours=1)
"""How far behind the watermark a trigger looks again: rows committed late are not missed."""


@dataclass(frozen=True)
class Candidate:
    """Someone a run should be started for; `mark` and `subject_id` as in `Run`."""

    patient_id: int
    subject_id: int
    mark: str
    anchor_at: datetime
    zone: str


def list_candidates(
    *, scenario: Scenario, first_step: Step, since: datetime, now: datetime
) -> list[Candidate]:
    """Return who meets the trigger between `since` and `now` and has no run for it yet.

    Not narrowed by the scenario's segment. The cost depends on what became due since, not on
    the number of patients.
    """
    find = FINDERS[Trigger(scenario.trigger)]
    return find(scenario, first_step, since, now)


def mark_of(starts_at: datetime) -> str:
    """Return the state of an appointment that a reminder is about: its start, in seconds."""
    return str(int(starts_at.timestamp()))


def _before_appointment(
    scenario: Scenario, step: Step, since: datetime, now: datetime
) -> list[Candidate]:
    """Appointments whose first step falls due within the day, booked before it fell due.

    Whoever books or is moved later than that has just been told the time; a moved visit has
    another mark and so is reminded of its new time.
    """
    mark = Cast(Cast(Extract("starts_at", "epoch"), BigIntegerField()), CharField(max_length=50))
    known = Run.objects.filter(
        scenario=scenario, subject_id=OuterRef("pk"), subject_mark=OuterRef("mark")
    )
    rows = (
        Appointment.objects.filter(
            status__in=UPCOMING, starts_at__gt=now, starts_at__lte=now - step.offset + DAY
        )
        .annotate(mark=mark)
        .filter(~Exists(known))
        .select_related("branch")
    )
    return [
        Candidate(
            row.patient_id, row.pk, mark_of(row.starts_at), row.starts_at, row.branch.time_zone
        )
        for row in rows
        if row.created_at <= row.starts_at + step.offset
    ]


def _after_visit(scenario: Scenario, step: Step, since: datetime, now: datetime) -> list[Candidate]:
    """Visits that ended since the watermark."""
    rows = (
        Visit.objects.filter(
            finished_at__gt=since - OVERLAP,
            finished_at__lte=now,
            appointment__status=Appointment.Status.DONE,
        )
        .exclude(_has_run(scenario, "appointment_id"))
        .order_by("finished_at")
        .select_related("appointment__branch")
    )
    return [
        Candidate(
            visit.appointment.patient_id,
            visit.appointment_id,
            "",
            visit.finished_at,
            visit.appointment.branch.time_zone,
        )
        for visit in rows
        if visit.finished_at is not None
    ]


def _silence(scenario: Scenario, step: Step, since: datetime, now: datetime) -> list[Candidate]:
    """Patients whose last visit became as old as the first step since the watermark."""
    fell_silent = Q(
        last_visit_at__gt=since - step.offset - OVERLAP, last_visit_at__lte=now - step.offset
    )
    return list_silent(scenario=scenario, which=fell_silent, now=now)


FINDERS: dict[Trigger, Callable[[Scenario, Step, datetime, datetime], list[Candidate]]] = {
    Trigger.BEFORE_APPOINTMENT: _before_appointment,
    Trigger.AFTER_VISIT: _after_visit,
    Trigger.SILENCE: _silence,
}


def _has_run(scenario: Scenario, subject: str) -> Exists:
    return Exists(Run.objects.filter(scenario=scenario, subject_id=OuterRef(subject)))


def list_silent(*, scenario: Scenario, which: Q, now: datetime) -> list[Candidate]:
    """Return those of `which` (a rule on `PatientTotals`) who have nothing booked ahead.

    Whoever has a run of the scenario for the same last visit is left out.
    """
    last = Appointment.objects.filter(
        patient_id=OuterRef("patient_id"),
        status=Appointment.Status.DONE,
        starts_at=OuterRef("last_visit_at"),
    ).order_by("-pk")
    ahead = Appointment.objects.filter(
        patient_id=OuterRef("patient_id"), status__in=UPCOMING, starts_at__gt=now
    )
    rows = (
        PatientTotals.objects.filter(which, ~Exists(ahead))
        .annotate(
            subject=Subquery(last.values("pk")[:1]),
            zone=Subquery(last.values("branch__time_zone")[:1]),
        )
        .filter(subject__isnull=False)
        .exclude(_has_run(scenario, "subject"))
    )
    return [
        Candidate(patient_id, subject_id, "", last_visit_at, zone)
        for patient_id, subject_id, last_visit_at, zone in rows.values_list(
            "patient_id", "subject", "last_visit_at", "zone"
        )
        if last_visit_at is not None
    ]


def may_enter(scenario: Scenario, *, now: datetime) -> Q:
    """Return what a patient must satisfy whatever the trigger: consent, reach and pause.

    Marketing needs a live consent for at least one channel; the guard asks again for the very
    channel before each message.
    """
    rule = Q(is_reachable=True)
    if scenario.purpose == Purpose.MARKETING:
        rule &= Q(*[_consented(channel) for channel in Channel], _connector=Q.OR)
    if scenario.pause_days:
        recent = Run.objects.filter(
            scenario=scenario,
            patient_id=OuterRef("pk"),
            started_at__gt=now - timedelta(days=scenario.pause_days),
        )
        rule &= ~Q(Exists(recent))
    return rule


def _consented(channel: Channel) -> Q:
    newest = Consent.objects.filter(
        patient_id=OuterRef("pk"), purpose=Consent.Purpose.MARKETING, channel=channel
    ).order_by("-pk")
    return Q(Exact(Subquery(newest.values("action")[:1]), Consent.Action.GIVEN))
