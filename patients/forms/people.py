from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.formats import format_phone
from clinic.models import Branch
from patients.details import ContactDetails, PatientDetails, seal_card
from patients.forms.fields import BirthDateField, ContactField, normalise_contact
from patients.models import (
    Attitude,
    Channel,
    ContactKind,
    ContactOwner,
    ContactPoint,
    Patient,
    RelationKind,
    Sex,
    Source,
)

MOST_CONTACTS = 10
RELUCTANT = (Attitude.EXPENSIVE, Attitude.NOT_NOW, Attitude.REFUSED)


class PersonForm(forms.Form):
    """Who it is. The contacts are a formset beside it."""

    last_name = forms.CharField(label=_("Last name"), max_length=100)
    first_name = forms.CharField(label=_("First name"), max_length=100)
    middle_name = forms.CharField(label=_("Middle name"), max_length=100, required=False)
    birth_on = BirthDateField(label=_("Birth date"), required=False)
    sex = forms.ChoiceField(
        label=_("Sex"), required=False, choices=[("", _("not noted")), *Sex.choices]
    )
    branch = forms.ModelChoiceField(
        Branch.objects.filter(is_active=True).order_by("name"),
        label=_("Home branch"),
        required=False,
        empty_label=_("not noted"),
    )
    source = forms.ModelChoiceField(
        Source.objects.filter(is_active=True).order_by("name"),
        label=_("Where the patient came from"),
        required=False,
        empty_label=_("not noted"),
    )
    channel = forms.ChoiceField(label=_("Preferred channel"), choices=Channel)
    language = forms.ChoiceField(
        label=_("Language of messages"), choices=[("ru", "Русский"), ("en", "English")]
    )
    is_reachable = forms.BooleanField(
        label=_("May be contacted"),
        required=False,
        help_text=_("Without it nothing is sent to the patient, reminders included."),
    )
    note = forms.CharField(
        label=_("Note for reception"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No diagnoses and no results: they are kept in the medical record."),
    )

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("BirthDateField", self.fields["birth_on"]).today = today

    @staticmethod
    def initial_of(patient: Patient) -> dict[str, Any]:
        names = (
            "last_name", "first_name", "middle_name", "birth_on", "sex", "branch", "source",
            "channel", "language", "is_reachable", "note",
        )  # fmt: skip
        return {name: getattr(patient, name) for name in names} | {"seen": seal_card(patient)}

    def read(
        self, contacts: Sequence[ContactDetails], *, status: str, refusal_reason: str
    ) -> PatientDetails:
        """Return the details of a valid form; the attitude has a form of its own."""
        got = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        branch, source = got.pop("branch"), got.pop("source")
        return PatientDetails(
            **got,
            branch_id=branch.pk if branch else None,
            source_id=source.pk if source else None,
            status=status,
            refusal_reason=refusal_reason,
            contacts=contacts,
        )


class ContactForm(forms.Form):
    value = ContactField(label=_("Phone or e-mail"), required=False)
    owner = forms.ChoiceField(
        label=_("Whose it is"), choices=ContactOwner, initial=ContactOwner.OWN, required=False
    )
    is_primary = forms.BooleanField(label=_("main"), required=False)
    is_valid_contact = forms.BooleanField(label=_("works"), required=False, initial=True)

    @staticmethod
    def initial_of(contact: ContactPoint) -> dict[str, Any]:
        is_phone = contact.kind == ContactKind.PHONE
        return {
            "value": format_phone(contact.value) if is_phone else contact.value,
            "owner": contact.owner,
            "is_primary": contact.is_primary,
            "is_valid_contact": contact.is_valid,
        }

    def read(self) -> ContactDetails | None:
        """Return the contact of a valid form; None where the line was left empty."""
        got = self.cleaned_data
        if not got.get("value"):
            return None
        kind, value = normalise_contact(got["value"])
        return ContactDetails(
            kind=kind,
            value=value,
            owner=got["owner"] or ContactOwner.OWN,
            is_primary=got["is_primary"],
            is_valid=got["is_valid_contact"],
        )


ContactFormSet = forms.formset_factory(
    ContactForm, extra=1, max_num=MOST_CONTACTS, absolute_max=2 * MOST_CONTACTS
)


def read_contacts(formset: "forms.BaseFormSet[ContactForm]") -> list[ContactDetails]:
    """Return the contacts of a valid formset, empty lines left out."""
    return [contact for form in formset.forms if (contact := form.read()) is not None]


class StatusForm(forms.Form):
    """What the patient thinks of coming, and why not."""

    status = forms.ChoiceField(label=_("Status"), choices=Attitude, widget=forms.RadioSelect)
    refusal_reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        help_text=_("In the patient's words. It is required for a refusal."),
    )


class RelationForm(forms.Form):
    """Who of the patients is a relative, and whose."""

    relative = forms.IntegerField(
        min_value=1, error_messages={"required": _("Find the relative and choose him in the list.")}
    )
    kind = forms.ChoiceField(label=_("Who it is to the patient"), choices=RelationKind)
