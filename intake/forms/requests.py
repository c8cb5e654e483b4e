import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Service
from intake.actions import RequestOrder
from intake.models import LossReason, RequestKind
from patients.models import Patient, Source
from patients.phones import WrongPhone, normalise_phone

STATE_CHOICES = [
    ("open", _("Waiting")),
    ("NEW", _("New")),
    ("IN_WORK", _("In work")),
    ("BOOKED", _("Booked")),
    ("LOST", _("Lost")),
    ("all", _("All")),
]


class RequestFilterForm(forms.Form):
    """The filters above the list; what is missing or wrong filters nothing."""

    text = forms.CharField(
        label=_("Name or phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "wide": True}),
    )
    state = forms.ChoiceField(label=_("State"), choices=STATE_CHOICES, required=False)
    kind = forms.ChoiceField(
        label=_("How"), choices=[("", _("any")), *RequestKind.choices], required=False
    )
    source = forms.ModelChoiceField(
        label=_("Source"),
        queryset=Source.objects.order_by("name"),
        required=False,
        empty_label=_("any"),
    )
    reason = forms.ChoiceField(
        label=_("Reason of loss"), choices=[("", _("any")), *LossReason.choices], required=False
    )


class RequestForm(forms.Form):
    """A request as reception writes it down with the phone at the ear: the phone comes first."""

    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off", "autofocus": True}
        ),
    )
    patient = forms.ModelChoiceField(
        queryset=Patient.objects.all(), required=False, widget=forms.HiddenInput
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("How"), choices=RequestKind.choices, initial=RequestKind.CALL)
    source = forms.ModelChoiceField(
        label=_("How did they learn of us"),
        queryset=Source.objects.filter(is_active=True).order_by("name"),
        required=False,
        empty_label=_("not asked"),
    )
    service = forms.ModelChoiceField(
        label=_("What is wanted"),
        queryset=Service.objects.filter(is_active=True).order_by("kind", "name"),
        required=False,
        empty_label=_("not clear yet"),
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_phone(self) -> str:
        text: str = self.cleaned_data["phone"]
        try:
            return normalise_phone(text) if text.strip() else ""
        except WrongPhone as error:
            raise ValidationError(str(error), code=error.code) from error

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        known = [told.get(name) for name in ("phone", "name", "patient")]
        if not any(known) and "phone" not in self.errors:
            self.add_error("phone", _("Write a phone or a name: somebody must be called back."))
        return told

    def order(self, branch: Branch) -> RequestOrder:
        told = self.cleaned_data
        return RequestOrder(
            key=str(told["key"]),
            kind=told["kind"],
            phone=told["phone"],
            name=told["name"],
            patient_id=told["patient"].pk if told["patient"] else None,
            branch_id=branch.pk,
            source_id=told["source"].pk if told["source"] else None,
            service_id=told["service"].pk if told["service"] else None,
            comment=told["comment"],
        )


class LossForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why will they not come"), choices=LossReason.choices, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
