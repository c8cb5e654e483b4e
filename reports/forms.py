from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms import DayField
from clinic.models import Branch, Employee
from patients.models import Source
from reports.queries.funnel import NOT_TOLD, FunnelFilter
from reports.queries.rescue import RescueFilter
from waitlist.models import Opening

PERIODS = (
    ("30", _("the last 30 days")),
    ("90", _("the last 90 days")),
    ("month", _("this month")),
    ("last_month", _("last month")),
    ("year", _("the last 12 months")),
    ("own", _("my own dates")),
)
START = "90"


class FunnelForm(forms.Form):
    """What the funnel is narrowed to. Dates count with "my own dates" only, both included."""

    period = forms.ChoiceField(
        label=_("Received"),
        choices=PERIODS,
        required=False,
        widget=forms.Select(attrs={"wide": True}),
    )
    since = DayField(
        label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = DayField(
        label=_("To day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    source = forms.TypedChoiceField(label=_("Source"), coerce=int, empty_value=None, required=False)
    branch = forms.TypedChoiceField(label=_("Branch"), coerce=int, empty_value=None, required=False)

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        super().__init__({"period": START, **{key: data[key] for key in data}})
        self.today = today
        nothing = [("", _("all")), (str(NOT_TOLD), _("not told"))]
        sources, branches = Source.objects.order_by("name"), Branch.objects.order_by("name")
        self._choose("source", nothing + [(str(row.pk), row.name) for row in sources])
        self._choose("branch", nothing + [(str(row.pk), row.name) for row in branches])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if told.get("period") == "own" and since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        return told

    @property
    def wanted(self) -> FunnelFilter:
        """What can be read of the filters; what cannot narrows nothing."""
        self.is_valid()
        told = self.cleaned_data
        since, until = self._read_period(told)
        return FunnelFilter(
            since=since, until=until, branch_id=told.get("branch"), source_id=told.get("source")
        )

    def _read_period(self, told: Mapping[str, Any]) -> tuple[date, date]:
        tomorrow = self.today + timedelta(days=1)
        first = self.today.replace(day=1)
        match told.get("period"):
            case "own" if "until" not in self.errors:
                since = told.get("since") or self.today - timedelta(days=89)
                until = told.get("until") or max(self.today, since)
                return since, until + timedelta(days=1)
            case "month":
                return first, tomorrow
            case "last_month":
                return (first - timedelta(days=1)).replace(day=1), first
            case "year":
                return self.today - timedelta(days=364), tomorrow
            case "30":
                return self.today - timedelta(days=29), tomorrow
        return self.today - timedelta(days=89), tomorrow


class RescueForm(FunnelForm):
    """What the report of freed times is narrowed to; the period is when they were freed."""

    doctor = forms.TypedChoiceField(label=_("Doctor"), coerce=int, empty_value=None, required=False)

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        super().__init__(data, today=today)
        del self.fields["source"]
        self.fields["period"].label = _("Freed")
        doctors = Employee.objects.filter(pk__in=Opening.objects.values("employee"))
        named = [(str(row.pk), row.short_name) for row in doctors.order_by("last_name")]
        self._choose("doctor", [("", _("all")), *named])

    @property
    def asked(self) -> RescueFilter:
        """What can be read of the filters; what cannot narrows nothing."""
        wanted = self.wanted
        return RescueFilter(
            since=wanted.since,
            until=wanted.until,
            branch_id=wanted.branch_id,
            employee_id=self.cleaned_data.get("doctor"),
        )
