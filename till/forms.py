from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import PaymentMethod
from clinic.forms import DayField, MoneyField
from clinic.models import Branch, Employee
from till.queries import ANY_MONEY, BOOKING, IN, KINDS, OUT, PACKAGE, VISIT, TillFilter

KIND_NAMES = {
    VISIT: _("for visits"),
    BOOKING: _("prepayment for a booking"),
    PACKAGE: _("for packages"),
}
LONGEST = timedelta(days=366)


class TillForm(forms.Form):
    """What the report is narrowed to; today at the branch one is at unless told otherwise."""

    since = DayField(
        label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = DayField(
        label=_("To day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    branch = forms.TypedChoiceField(label=_("Branch"), coerce=int, empty_value=None, required=False)
    actor = forms.TypedChoiceField(
        label=_("Who took it"), coerce=int, empty_value=None, required=False
    )

    def __init__(
        self, data: Mapping[str, Any], *, today: date, branches: Sequence[Branch], here: Branch
    ) -> None:
        shown = {"since": today, "until": today, "branch": str(here.pk)}
        super().__init__({**shown, **{key: data[key] for key in data}})
        self.today, self.here = today, here
        self.branches = {branch.pk: branch for branch in branches}
        every = [("", _("all"))] if len(branches) > 1 else []
        self._choose("branch", every + [(str(one.pk), one.name) for one in branches])
        staff = Employee.objects.filter(user__isnull=False).order_by("last_name", "first_name")
        names = [(str(one.user_id), one.short_name) for one in staff]
        self._choose("actor", [("", pgettext_lazy("employee", "anyone")), *names, ("0", "—")])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        elif since and until and until - since > LONGEST:
            self.add_error("until", _("Choose at most a year."))
        return told

    @property
    def wanted(self) -> TillFilter:
        """What can be read of the filters; what cannot is today, here, everybody."""
        self.is_valid()
        told = self.cleaned_data
        since = told.get("since") or self.today
        until = max(told.get("until") or since, since)
        chosen = told.get("branch")
        everywhere = "branch" in told and chosen is None
        branches = list(self.branches.values())
        return TillFilter(
            since=since,
            until=until + timedelta(days=1),
            branches=branches if everywhere else [self.branches.get(chosen or 0, self.here)],
            actor_id=told.get("actor"),
        )


class RowsForm(forms.Form):
    """Which figure of the report was opened; what is not one of them narrows nothing."""

    way = forms.ChoiceField(
        choices=[*PaymentMethod.choices, (ANY_MONEY, ANY_MONEY)], required=False
    )
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS], required=False)
    flow = forms.ChoiceField(choices=[(IN, IN), (OUT, OUT)], required=False)

    def narrow(self, wanted: TillFilter) -> TillFilter:
        self.full_clean()
        told = self.cleaned_data
        return replace(
            wanted,
            method=told.get("way") or "",
            kind=told.get("kind") or "",
            flow=told.get("flow") or "",
        )


class OpenForm(forms.Form):
    opening = MoneyField(label=_("Cash in the drawer"))


class CloseForm(forms.Form):
    counted = MoneyField(label=_("Cash counted"))
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_("Why it differs, if it does."),
    )
