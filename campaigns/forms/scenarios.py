from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.renderers import get_default_renderer
from django.utils.translation import gettext_lazy as _

from campaigns.actions import StepInput
from campaigns.models import Segment, Step, StepKind, Trigger
from campaigns.timing import DAY
from messaging.kinds import CODE_KINDS, KINDS

HOUR = timedelta(hours=1)
UNITS = {"days": DAY, "hours": HOUR}
UNIT_CHOICES = [("days", _("days")), ("hours", _("hours"))]


class ScenarioForm(forms.Form):
    """Whom a scenario takes. What it does stands in the steps below it."""

    segment = forms.ModelChoiceField(
        label=_("Only for segment"),
        queryset=Segment.objects.filter(archived_at=None).order_by("name"),
        required=False,
        empty_label=_("everyone"),
    )
    pause_days = forms.IntegerField(
        label=_("A patient enters once in, days"),
        help_text=_("0: as often as it happens"),
        min_value=0,
        max_value=3650,
    )


class StepForm(forms.Form):
    """One step: what, how long before or after, at what hour, and how long it stays useful.

    What a browser sends of the empty one, its lists on their first choice, is no change.
    """

    kind = forms.ChoiceField(label=_("What"), choices=StepKind.choices, initial=StepKind.MESSAGE)
    amount = forms.IntegerField(label=_("In"), min_value=0, max_value=400)
    unit = forms.ChoiceField(label=_("Counted in"), choices=UNIT_CHOICES, initial="days")
    at_time = forms.TimeField(
        label=_("At what time"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    lives_hours = forms.IntegerField(label=_("Useful for, hours"), min_value=1, max_value=24 * 60)
    note = forms.CharField(label=_("What to do"), required=False, max_length=300)
    field_order = (
        "kind",
        "amount",
        "unit",
        "at_time",
        "lives_hours",
        "template_code",
        "note",
    )

    def __init__(self, *args: Any, texts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template_code"] = forms.ChoiceField(
            label=_("Text"), required=False, choices=[("", "—"), *texts]
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") == StepKind.MESSAGE and not values.get("template_code"):
            self.add_error("template_code", _("Choose the text that is sent."))
        if values.get("kind") == StepKind.TASK and not values.get("note"):
            self.add_error("note", _("Write what reception should do."))
        if values.get("at_time") and values.get("unit") == "hours":
            self.add_error("at_time", _("An hour of the day goes with days only."))
        return values


if TYPE_CHECKING:
    _FormSet = forms.BaseFormSet[StepForm]
else:
    _FormSet = forms.BaseFormSet


class StepFormSet(_FormSet):
    """The steps on one page, with an empty one to add."""

    form = StepForm
    extra, min_num, max_num, absolute_max = 1, 0, 12, 24
    can_order, can_delete, can_delete_extra = False, True, False
    validate_min, validate_max = False, True
    edit_only = False
    renderer = get_default_renderer()

    def as_inputs(self, *, trigger: str) -> list[StepInput]:
        """Return the steps in order of time; before a visit the distance is negative."""
        sign = -1 if trigger == Trigger.BEFORE_APPOINTMENT else 1
        filled = [form.cleaned_data for form in self.forms if form.cleaned_data]
        steps = [
            StepInput(
                kind=StepKind(values["kind"]),
                offset=sign * values["amount"] * UNITS[values["unit"]],
                at_time=values["at_time"],
                lives_for=values["lives_hours"] * HOUR,
                template_code=values["template_code"] if values["kind"] == "MESSAGE" else "",
                note=values["note"],
            )
            for values in filled
            if not values.get("DELETE")
        ]
        return sorted(steps, key=lambda step: step.offset)


def list_texts(*, purpose: str) -> list[tuple[str, str]]:
    """Return code and name of the texts a scenario of that purpose may send."""
    return sorted(
        (code, str(kind.name))
        for code, kind in KINDS.items()
        if kind.purpose == purpose and code not in CODE_KINDS
    )


def as_initial(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return the steps as the form shows them."""
    return [_initial(step) for step in steps]


def _initial(step: Step) -> dict[str, Any]:
    distance = abs(step.offset)
    unit = "hours" if distance % DAY else "days"
    return {
        "kind": step.kind,
        "amount": distance // UNITS[unit],
        "unit": unit,
        "at_time": step.at_time,
        "lives_hours": step.lives_for // HOUR,
        "template_code": step.template_code,
        "note": step.note,
    }


class StartForm(forms.Form):
    """From when on a scenario looks: now, or some days back, to take those it has missed."""

    CHOICES = (
        (0, _("from now on")),
        (7, _("also the last 7 days")),
        (30, _("also the last 30 days")),
    )
    days_back = forms.TypedChoiceField(
        label=_("Whom to take"), choices=CHOICES, coerce=int, initial=0, widget=forms.RadioSelect
    )


class RunFilters(forms.Form):
    STATES = (
        ("", _("all")),
        ("ACTIVE", _("under way")),
        ("FINISHED", _("finished")),
        ("LEFT", _("left")),
    )
    status = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
