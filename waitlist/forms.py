from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.forms import DayField
from clinic.http import read_number
from clinic.models import Branch, Employee, Service
from waitlist.actions import WaitOrder, WaitTerms
from waitlist.models import EndReason, Entry, EntryStatus, Origin
from waitlist.queries import OFFERED, Wanted
from waitlist.words import list_weekdays

USUAL_TERM = timedelta(days=30)
DAY_INPUT = {"type": "date"}
CLOCK_INPUT = {"type": "time", "step": 900}


class TermsForm(forms.Form):
    """What somebody waits for. `whom` is "", "p:position" or "e:id of the employee"."""

    whom = forms.ChoiceField(label=_("With whom"), required=False)
    branches = forms.TypedMultipleChoiceField(
        label=_("Where"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing marked: any."),
    )
    from_clock = forms.TimeField(
        label=_("Begin not before"),
        required=False,
        widget=forms.TimeInput(attrs=CLOCK_INPUT, format="%H:%M"),
    )
    until_clock = forms.TimeField(
        label=_("Begin before"),
        required=False,
        widget=forms.TimeInput(attrs=CLOCK_INPUT, format="%H:%M"),
    )
    from_on = DayField(
        label=_("Not before the day"),
        required=False,
        widget=forms.DateInput(attrs=DAY_INPUT, format="%Y-%m-%d"),
    )
    until_on = DayField(
        label=_("Waits until"), widget=forms.DateInput(attrs=DAY_INPUT, format="%Y-%m-%d")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, service_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("whom", _list_doctors(service_id))
        self._choose("branches", _list_branches())
        self._choose("weekdays", list_weekdays())

    def _choose(self, name: str, choices: list[Any]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("from_clock"), told.get("until_clock")
        if until is not None and (since or time.min) >= until:
            self.add_error("until_clock", _("Later than the beginning, please."))
        first, last = told.get("from_on"), told.get("until_on")
        if first and last and first > last:
            self.add_error("until_on", _("The last day is before the first."))
        return told

    def read_terms(self) -> WaitTerms:
        """Return the terms of a form that has passed."""
        told = self.cleaned_data
        kind, _colon, value = told["whom"].partition(":")
        return WaitTerms(
            until_on=told["until_on"],
            employee_id=read_number(value) if kind == "e" else None,
            position=value if kind == "p" else "",
            branch_ids=told["branches"],
            weekdays=told["weekdays"],
            from_clock=told["from_clock"] or time.min,
            until_clock=told["until_clock"],
            from_on=told["from_on"],
            note=told["note"].strip(),
        )


class JoinForm(TermsForm):
    """A new wish. The patient is chosen beside the form or named by the address."""

    relative = forms.IntegerField(
        min_value=1, error_messages={"required": _("Find the patient and choose him.")}
    )
    service = forms.ModelChoiceField(
        Service.objects.none(), label=_("Service"), empty_label=_("choose a service")
    )
    earlier = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("service", "whom", "branches", "weekdays")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        data, initial = (args[0] if args else None), kwargs.get("initial") or {}
        told = (data or initial).get("service", "")
        super().__init__(*args, service_id=read_number(str(told)), **kwargs)
        services = Service.objects.filter(is_active=True, employees__isnull=False)
        field = cast("forms.ModelChoiceField[Service]", self.fields["service"])
        field.queryset = services.distinct().order_by("name")

    def read(self) -> WaitOrder:
        """Return the order of a form that has passed."""
        told = self.cleaned_data
        key: UUID = told["key"]
        return WaitOrder(
            patient_id=told["relative"],
            service_id=told["service"].pk,
            terms=self.read_terms(),
            key=f"desk:{key}",
            origin=Origin.DESK,
            earlier_than_id=told["earlier"],
        )

    def read_wanted(self) -> Wanted | None:
        """Return what is told so far, for the search of free times; None without a service."""
        self.is_valid()
        told: dict[str, Any] = {"until_on": date.max} | self.cleaned_data
        if told.get("service") is None:
            return None
        kind, _colon, value = told.get("whom", "").partition(":")
        entry = Entry(
            service=told["service"],
            employee_id=read_number(value) if kind == "e" else None,
            position=value if kind == "p" else "",
            weekdays=told.get("weekdays") or [],
            from_clock=told.get("from_clock") or time.min,
            until_clock=told.get("until_clock"),
            from_on=told.get("from_on"),
            until_on=told["until_on"],
        )
        if told.get("relative"):
            entry.patient_id = told["relative"]
        return Wanted(entry=entry, branch_ids=told.get("branches") or [])


class WithdrawForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why"),
        widget=forms.RadioSelect,
        choices=[
            (reason.value, reason.label) for reason in EndReason if reason != EndReason.VISIT_GONE
        ],
    )


class WaitlistFilterForm(forms.Form):
    """The filters above the list; what is missing or wrong filters nothing."""

    text = forms.CharField(
        label=_("Patient"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "wide": True}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", EntryStatus.WAITING.label),
            (OFFERED, pgettext_lazy("waiting list", "has an offer")),
            *((status.value, status.label) for status in EntryStatus if status != "WAITING"),
            ("all", pgettext_lazy("waiting list", "all")),
        ],
    )
    service = forms.TypedChoiceField(
        label=_("Service"), coerce=int, empty_value=None, required=False
    )
    whom = forms.TypedChoiceField(label=_("Doctor"), coerce=int, empty_value=None, required=False)
    branch = forms.TypedChoiceField(label=_("Branch"), coerce=int, empty_value=None, required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        services = Service.objects.filter(pk__in=Entry.objects.values("service"))
        doctors = Employee.objects.filter(pk__in=Entry.objects.values("employee"))
        nothing = [("", _("all"))]
        self._choose("service", nothing + [(row.pk, row.name) for row in services.order_by("name")])
        self._choose(
            "whom", nothing + [(row.pk, row.short_name) for row in doctors.order_by("last_name")]
        )
        self._choose("branch", nothing + _list_branches())

    def _choose(self, name: str, choices: list[Any]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices


class TakeForm(forms.Form):
    """Another free time, chosen on the page of an offer: "id of the employee, branch, moment"."""

    take = forms.CharField(max_length=100)

    def clean_take(self) -> tuple[int, int, Any]:
        employee, _space, rest = self.cleaned_data["take"].partition(" ")
        branch, _space, moment = rest.partition(" ")
        try:
            starts_at = parse_datetime(moment)
        except ValueError:
            starts_at = None
        employee_id, branch_id = read_number(employee), read_number(branch)
        if None in {employee_id, branch_id} or starts_at is None or starts_at.tzinfo is None:
            raise forms.ValidationError(_("Choose one of the times."))
        return cast("int", employee_id), cast("int", branch_id), starts_at


def describe_terms(entry: Entry) -> dict[str, Any]:
    """Return the wish as the fields of `TermsForm` have it."""
    whom = f"e:{entry.employee_id}" if entry.employee_id else ""
    return {
        "whom": whom or (f"p:{entry.position}" if entry.position else ""),
        "branches": [branch.pk for branch in entry.branches.all()],
        "weekdays": entry.weekdays,
        "from_clock": entry.from_clock if entry.from_clock > time.min else None,
        "until_clock": entry.until_clock,
        "from_on": entry.from_on,
        "until_on": entry.until_on,
        "note": entry.note,
    }


def _list_branches() -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in Branch.objects.filter(is_active=True).order_by("name")]


def _list_doctors(service_id: int | None) -> list[Any]:
    """Anybody; the specialties; the doctors: those who offer the service, once it is chosen."""
    doctors = Employee.objects.filter(is_active=True, services__isnull=False).distinct()
    if service_id is not None:
        doctors = doctors.filter(services=service_id)
    found = list(doctors.order_by("last_name", "first_name"))
    positions = sorted({one.position for one in found})
    return [
        ("", _("any doctor")),
        (_("Any of the specialty"), [(f"p:{name}", name) for name in positions]),
        (_("Doctor"), [(f"e:{one.pk}", one.short_name) for one in found]),
    ]
