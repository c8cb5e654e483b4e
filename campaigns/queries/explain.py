"""Why a patient is, or is not, written to by a scenario."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from appointments.models import UPCOMING, Appointment, PatientTotals, Visit
from campaigns.models import Run, Scenario, Trigger
from campaigns.queries.scenarios import list_steps
from campaigns.segments.compiler import compile_rule
from messaging.models import Purpose
from patients.models import Channel, Patient
from patients.queries import has_consent


@dataclass(frozen=True)
class Finding:
    """One condition, whether it holds for the patient, and the fact that decided."""

    condition: str | Promise
    holds: bool
    fact: str | Promise = ""
    at: datetime | None = None


def explain_scenario(*, scenario: Scenario, patient: Patient, now: datetime) -> list[Finding]:
    """Return every condition between the patient and the scenario, in the order of checking."""
    return [
        Finding(_("The scenario is running"), scenario.is_active),
        *_trigger(scenario, patient, now),
        *explain_entry(scenario=scenario, patient=patient, now=now),
    ]


def explain_entry(*, scenario: Scenario, patient: Patient, now: datetime) -> list[Finding]:
    """Return the conditions that are asked whatever the trigger (`may_enter`, the segment)."""
    return [
        Finding(_("The patient may be contacted"), patient.is_reachable),
        *_consent(scenario, patient),
        *_segment(scenario, patient, now),
        *_pause(scenario, patient, now),
    ]


def list_runs_of(*, scenario: Scenario, patient: Patient) -> list[Run]:
    """Return the patient's ways through the scenario, newest first."""
    runs = Run.objects.filter(scenario=scenario, patient=patient)
    return list(runs.order_by("-started_at")[:10])


def _trigger(scenario: Scenario, patient: Patient, now: datetime) -> Iterator[Finding]:
    ahead = (
        Appointment.objects.filter(patient=patient, status__in=UPCOMING, starts_at__gt=now)
        .order_by("starts_at")
        .first()
    )
    match scenario.trigger:
        case Trigger.BEFORE_APPOINTMENT:
            starts_at = ahead.starts_at if ahead else None
            yield Finding(_("A visit is booked"), ahead is not None, at=starts_at)
        case Trigger.AFTER_VISIT:
            visit = (
                Visit.objects.filter(appointment__patient=patient, finished_at__isnull=False)
                .order_by("-finished_at")
                .first()
            )
            yield Finding(
                _("A visit has ended"), visit is not None, at=visit.finished_at if visit else None
            )
        case Trigger.SILENCE:
            yield from _silence(scenario, patient, now)
            yield Finding(
                _("No visit is booked"), ahead is None, at=ahead.starts_at if ahead else None
            )


def _silence(scenario: Scenario, patient: Patient, now: datetime) -> Iterator[Finding]:
    totals = PatientTotals.objects.filter(patient=patient).first()
    last = totals.last_visit_at if totals else None
    offset = list_steps(scenario)[0].offset
    condition = _("The last visit was %(days)s days ago or earlier") % {"days": offset.days}
    yield Finding(condition, last is not None and last <= now - offset, at=last)


def _consent(scenario: Scenario, patient: Patient) -> Iterator[Finding]:
    if scenario.purpose != Purpose.MARKETING:
        return
    live = [
        str(channel.label)
        for channel in Channel
        if has_consent(patient_id=patient.pk, purpose="MARKETING", channel=channel)
    ]
    yield Finding(_("There is a live consent to marketing messages"), bool(live), ", ".join(live))


def _segment(scenario: Scenario, patient: Patient, now: datetime) -> Iterator[Finding]:
    if scenario.segment is None:
        return
    members = compile_rule(scenario.segment.rule, now=now)
    yield Finding(
        _("The patient belongs to the segment"),
        members.filter(pk=patient.pk).exists(),
        scenario.segment.name,
    )


def _pause(scenario: Scenario, patient: Patient, now: datetime) -> Iterator[Finding]:
    if not scenario.pause_days:
        return
    since = now - timedelta(days=scenario.pause_days)
    last = (
        Run.objects.filter(scenario=scenario, patient=patient, started_at__gt=since)
        .order_by("-started_at")
        .first()
    )
    condition = _("Not in this scenario within the last %(days)s days") % {
        "days": scenario.pause_days
    }
    yield Finding(condition, last is None, at=last.started_at if last else None)
