from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from appointments.models import CancelReason
from appointments.queries import list_doctors, list_services
from clinic.forms import DayField
from clinic.http import read_number
from clinic.models import Branch, Employee, Service
from outbox.errors import Refused
from patients.dates import read_birth_date
from patients.details import ContactDetails, PatientDetails
from patients.models import ContactKind, Source
from patients.phones import normalise_phone

T = TypeVar("T")

TAKEN = ("employee", "on", "clock", "place")


class MomentForm(forms.Form):
    """A day and a time on the branch's clock; `moment` is what they mean."""

    on = DayField(
        label=_("Date"),
        widget=forms.DateInput(attrs={"type": "date", "data-offer": True}, format="%Y-%m-%d"),
    )
    clock = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(
            attrs={"type": "time", "step": 300, "data-offer": True}, format="%H:%M"
        ),
    )

    def __init__(self, *args: Any, branch: Branch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch = branch

    @property
    def moment(self) -> datetime | None:
        """None while the day or the time is missing or makes no sense."""
        given = self.cleaned_data
        return self.get_moment() if given.get("on") and "clock" in given else None

    def get_moment(self) -> datetime:
        """Return the moment of a form that has passed."""
        given = self.cleaned_data
        return datetime.combine(given["on"], given["clock"], tzinfo=self.branch.zone)

    def read_number(self, name: str) -> int | None:
        """Return what is chosen so far, before the form is whole."""
        return read_number(str(self[name].value() or ""))

    def read_day(self) -> date | None:
        """Return the day chosen so far."""
        try:
            return cast("date | None", self.fields["on"].to_python(self["on"].value()))
        except ValidationError:
            return None


class MoveForm(MomentForm):
    """Where an appointment is to go. `version` is the one that whoever moves it has seen."""

    employee = forms.ModelChoiceField(
        Employee.objects.none(),
        label=_("Doctor"),
        empty_label=None,
        widget=forms.Select(attrs={"data-offer": True}),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    field_order = ("employee", "on", "clock", "version")

    def __init__(self, *args: Any, branch: Branch, **kwargs: Any) -> None:
        super().__init__(*args, branch=branch, **kwargs)
        choose_from(self, "employee", list_doctors(branch=branch))


class BookingForm(MomentForm):
    """Whom to book, with whom, for what and when. The patient is chosen beside the form."""

    patient = forms.IntegerField(required=False, min_value=1)
    employee = forms.ModelChoiceField(
        Employee.objects.none(),
        label=_("Doctor"),
        empty_label=_("any doctor"),
        widget=forms.Select(
            attrs={"data-offer": True, "data-wish": True, "data-wish-as": "wished"}
        ),
    )
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("Service"),
        empty_label=_("choose a service"),
        widget=forms.Select(attrs={"data-offer": True, "data-wish": True}),
    )
    source = forms.ModelChoiceField(
        Source.objects.none(), label=_("How they found us"), required=False, empty_label="—"
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    key = forms.UUIDField(widget=forms.HiddenInput)
    beside = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    place = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    field_order = ("employee", "service", "on", "clock", "source", "note")

    def __init__(self, *args: Any, branch: Branch, **kwargs: Any) -> None:
        super().__init__(*args, branch=branch, **kwargs)
        choose_from(self, "employee", list_doctors(branch=branch))
        choose_from(
            self, "service", list_services(branch=branch, employee_id=self.read_number("employee"))
        )
        choose_from(self, "source", Source.objects.filter(is_active=True).order_by("name"))

        self.fields["on"].widget.attrs |= {"data-wish": True, "data-wish-as": "since"}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("patient") and "new-name" not in self.data:
            self.add_error(None, _("Choose a patient or add a new one."))
        return given


class NewcomerForm(forms.Form):
    """A patient who is not on the books yet: the name in one field, as it is said."""

    prefix = "new"

    name = forms.CharField(
        label=_("Surname, name, patronymic"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    born = forms.CharField(
        label=_("Birth date"),
        required=False,
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "placeholder": "12.03.1985"}
        ),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_phone(self) -> str:
        text: str = self.cleaned_data["phone"]
        return say_refusal(normalise_phone, text) if text.strip() else ""

    def clean_born(self) -> date | None:
        text: str = self.cleaned_data["born"]
        return say_refusal(self._read_date, text) if text.strip() else None

    def _read_date(self, text: str) -> date:
        return read_birth_date(text, today=self.today)

    def read(self, *, branch: Branch, source: Source | None) -> PatientDetails:
        """Return the details of a form that has passed."""
        last_name, first_name, middle_name = split_name(self.cleaned_data["name"])
        phone = self.cleaned_data["phone"]
        contacts = [ContactDetails(kind=ContactKind.PHONE, value=phone)] if phone else []
        return PatientDetails(
            last_name=last_name,
            first_name=first_name,
            middle_name=middle_name,
            birth_on=self.cleaned_data["born"],
            branch_id=branch.pk,
            source_id=source.pk if source else None,
            contacts=contacts,
        )


class CancelForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why"),
        widget=forms.RadioSelect,
        choices=[
            (reason.value, reason.label)
            for reason in CancelReason
            if reason != CancelReason.BY_LINK
        ],
    )


def split_name(text: str) -> tuple[str, str, str]:
    """Return surname, first name and the rest, in the order in which Russians say them."""
    last_name, first_name, *rest = [*text.split(), "", ""]
    return last_name, first_name, " ".join(filter(None, rest))


def with_taken(posted: QueryDict) -> QueryDict:
    """Put the offered time that was pressed ("employee date time branch") into the fields.

    Without a branch it is one at the branch of the page.
    """
    taken = posted.get("take", "").split()
    if len(taken) not in {len(TAKEN) - 1, len(TAKEN)}:
        return posted
    changed = posted.copy()
    for name, value in zip(TAKEN, taken, strict=False):
        changed[name] = value
    return changed


def choose_from(form: forms.Form, name: str, found: QuerySet[Any]) -> None:
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = found


def say_refusal(read: Callable[[str], T], text: str) -> T:
    """Read what was typed; the reader's refusal becomes an error beside the field."""
    try:
        return read(text)
    except Refused as refusal:
        raise ValidationError(str(refusal)) from refusal
