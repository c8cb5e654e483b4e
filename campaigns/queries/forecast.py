"""Who meets a trigger now and is kept out all the same, and by what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.models import Scenario
from campaigns.queries.candidates import list_candidates
from campaigns.queries.explain import explain_entry
from campaigns.queries.scenarios import list_steps
from patients.models import Patient


@dataclass(frozen=True, kw_only=True)
class ForeseenRefusal:
    """One line of the forecast: a patient the trigger has found and a rule keeps out."""

    due_at: datetime
    recipient: str
    what: str
    verdict: str


def foresee_refusals(*, now: datetime) -> Iterator[ForeseenRefusal]:
    """Return those whom running scenarios have found since they last looked but may not take."""
    for scenario in Scenario.objects.filter(is_active=True).select_related("segment"):
        if scenario.watermark_at is None:
            continue
        found = list_candidates(
            scenario=scenario,
            first_step=list_steps(scenario)[0],
            since=scenario.watermark_at,
            now=now,
        )
        patients = Patient.objects.in_bulk({candidate.patient_id for candidate in found})
        for patient in patients.values():
            findings = explain_entry(scenario=scenario, patient=patient, now=now)
            failed = next((finding for finding in findings if not finding.holds), None)
            if failed is not None:
                yield ForeseenRefusal(
                    due_at=now,
                    recipient=patient.full_name,
                    what=scenario.name,
                    verdict=_("would not enter, this is not so: %(what)s")
                    % {"what": failed.condition},
                )
