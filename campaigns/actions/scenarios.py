"""Scenarios: switched on and off, narrowed, rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns.models import Scenario, ScenarioVersion, Step, StepKind, Trigger
from messaging.kinds import CODE_KINDS, KINDS
from outbox.errors import Refused


class NoSteps(Refused):
    code = "scenario_has_no_steps"
    status = 400
    message = _("A scenario needs at least one step. Add one and save again.")


class StepsOutOfOrder(Refused):
    code = "steps_out_of_order"
    status = 400
    message = _("Each step must come later than the one before it. Put them in order of time.")


class WrongSide(Refused):
    code = "step_on_wrong_side"
    status = 400
    message = _(
        "A step before a visit needs a time before it; after a visit or a silence, a time after."
    )


class TemplateUnknown(Refused):
    code = "template_unknown"
    status = 400
    message = _("One of the steps names a text that does not exist for this purpose.")


@dataclass(frozen=True, kw_only=True)
class StepInput:
    """A step as a person wrote it; fields as in `Step`."""

    kind: StepKind
    offset: timedelta
    at_time: time | None
    lives_for: timedelta
    template_code: str = ""
    note: str = ""


@transaction.atomic
def start_scenario(*, scenario_id: int, since: datetime | None, now: datetime) -> Scenario:
    """Switch a scenario on. It looks at what happens from `since` (default: from now) on."""
    scenario = Scenario.objects.select_for_update(no_key=True).get(pk=scenario_id)
    if not scenario.is_active:
        scenario.is_active, scenario.watermark_at = True, since or now
        scenario.save(update_fields=["is_active", "watermark_at"])
    return scenario


@transaction.atomic
def stop_scenario(*, scenario_id: int) -> Scenario:
    """Switch a scenario off: runs under way leave at their next step, waiting texts are held."""
    scenario = Scenario.objects.select_for_update(no_key=True).get(pk=scenario_id)
    scenario.is_active = False
    scenario.save(update_fields=["is_active"])
    return scenario


@transaction.atomic
def change_scenario(
    *,
    scenario_id: int,
    segment_id: int | None,
    pause_days: int,
    steps: Sequence[StepInput],
    now: datetime,
) -> Scenario:
    """Narrow and rewrite a scenario. Changed steps make a new version; runs keep their own.

    Raises `NoSteps`, `StepsOutOfOrder`, `WrongSide`, `TemplateUnknown`.
    """
    scenario = Scenario.objects.select_for_update(no_key=True).get(pk=scenario_id)
    _check_steps(scenario, steps)
    scenario.segment_id, scenario.pause_days = segment_id, pause_days
    scenario.save(update_fields=["segment", "pause_days"])
    newest = scenario.versions.order_by("-number").first()
    if newest is None or _as_inputs(newest) != list(steps):
        _write_version(scenario, steps, number=newest.number + 1 if newest else 1, now=now)
    return scenario


def _check_steps(scenario: Scenario, steps: Sequence[StepInput]) -> None:
    if not steps:
        raise NoSteps
    offsets = [step.offset for step in steps]
    if offsets != sorted(set(offsets)):
        raise StepsOutOfOrder
    before = scenario.trigger == Trigger.BEFORE_APPOINTMENT
    if any((offset >= timedelta(0)) is before for offset in offsets):
        raise WrongSide
    codes = {step.template_code for step in steps if step.kind == StepKind.MESSAGE}
    known = {code for code, kind in KINDS.items() if kind.purpose == scenario.purpose}
    if not codes <= known - CODE_KINDS:
        raise TemplateUnknown


def _as_inputs(version: ScenarioVersion) -> list[StepInput]:
    return [
        StepInput(
            kind=StepKind(step.kind),
            offset=step.offset,
            at_time=step.at_time,
            lives_for=step.lives_for,
            template_code=step.template_code,
            note=step.note,
        )
        for step in version.steps.order_by("position")
    ]


def _write_version(
    scenario: Scenario, steps: Sequence[StepInput], *, number: int, now: datetime
) -> None:
    version = ScenarioVersion.objects.create(scenario=scenario, number=number, created_at=now)
    Step.objects.bulk_create(
        Step(
            version=version,
            position=position,
            kind=step.kind,
            offset=step.offset,
            at_time=step.at_time,
            lives_for=step.lives_for,
            template_code=step.template_code,
            note=step.note,
        )
        for position, step in enumerate(steps, start=1)
    )
