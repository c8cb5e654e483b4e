from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from online.actions import Person
from online.models import Party
from outbox.errors import Refused
from patients.actions import normalise_email
from patients.forms.fields import BirthDateField
from patients.models import Channel, ConsentPurpose
from patients.phones import normalise_phone
from patients.queries import Wording

DATA = (ConsentPurpose.PERSONAL_DATA.value, "")
RUSSIAN_MOBILE = "+79"
"""Abroad an SMS costs many times what the ceiling of the clinic counts for one."""


class PhoneField(forms.CharField):
    """A phone as people write it; clean it is E.164."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "type": "tel",
            "inputmode": "tel",
            "autocomplete": "tel",
            "placeholder": "8 916 123-45-67",
        }
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        written = super().clean(value)
        if not written:
            return ""
        try:
            return normalise_phone(written)
        except Refused as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal


class EmailField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "email", "inputmode": "email", "autocomplete": "email"}
        super().__init__(max_length=254, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        written = super().clean(value)
        if not written:
            return ""
        try:
            return normalise_email(written)
        except Refused as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal


def name_field(label: Any, autocomplete: str, *, required: bool = True) -> forms.CharField:
    attrs = {"autocomplete": autocomplete, "autocapitalize": "words", "spellcheck": "false"}
    return forms.CharField(
        label=label, max_length=100, required=required, widget=forms.TextInput(attrs=attrs)
    )


def trap_field() -> forms.CharField:
    """What only programs fill in: people don't see it, and nothing completes it for them."""
    attrs = {"autocomplete": "off", "tabindex": "-1"}
    return forms.CharField(
        label=_("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=attrs),
    )


def check_trap(form: forms.Form) -> None:
    if form.cleaned_data.get("website"):
        told = _("We could not take this form. Please call us: we will book you.")
        raise ValidationError(told, code="trap")


class PersonForm(forms.Form):
    """Who comes, and who proves it with a phone. No consent is ticked beforehand."""

    party = forms.ChoiceField(
        label=_("Who is the visit for?"),
        choices=Party,
        initial=Party.SELF,
        widget=forms.RadioSelect,
    )
    booker = forms.CharField(
        label=_("Your name"),
        help_text=_("Whom we call if something changes."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    last_name = name_field(_("Last name"), "family-name")
    first_name = name_field(_("First name"), "given-name")
    middle_name = name_field(_("Middle name"), "additional-name", required=False)
    birth_on = BirthDateField(label=_("Birth date"))
    phone = PhoneField(label=_("Phone"))
    email = EmailField(label=_("E-mail"), required=False)
    data_agreed = forms.BooleanField(
        label=_("I agree to the processing of personal data"),
        error_messages={"required": _("Without this consent we may not write you down.")},
    )
    news_agreed = forms.BooleanField(label=_("I want to get news and offers"), required=False)
    website = trap_field()

    def __init__(
        self,
        *args: Any,
        today: date,
        channel: str,
        wordings: Mapping[tuple[str, str], Wording],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["middle_name"].help_text = _("If there is one.")
        cast("BirthDateField", self.fields["birth_on"]).today = today
        self.data_wording = wordings[DATA]
        self.news_wording = wordings[ConsentPurpose.MARKETING.value, channel]
        if channel == Channel.EMAIL:
            self.fields["email"].required = True
            self.fields["email"].help_text = _("The code comes here.")
        else:
            del self.fields["email"]
            self.fields["phone"].help_text = _("The code comes here by SMS.")

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        check_trap(self)
        if got.get("party") in {Party.CHILD, Party.RELATIVE} and not got.get("booker"):
            self.add_error("booker", _("Write your name: you book for somebody else."))
        if "email" not in self.fields and not got.get("phone", RUSSIAN_MOBILE).startswith(
            RUSSIAN_MOBILE
        ):
            self.add_error("phone", _("A code by SMS reaches Russian mobile phones. Please call."))
        return got

    def read(self) -> Person:
        """Return what a valid form says, the consents as they were worded."""
        got = self.cleaned_data
        is_self = got["party"] == Party.SELF
        return Person(
            party=got["party"],
            last_name=_one_line(got["last_name"]),
            first_name=_one_line(got["first_name"]),
            middle_name=_one_line(got["middle_name"]),
            birth_on=got["birth_on"],
            booker="" if is_self else _one_line(got["booker"]),
            phone=got["phone"],
            email=got.get("email", ""),
            data_consent=self.data_wording.body,
            news_consent=self.news_wording.body if got["news_agreed"] else "",
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


class CodeForm(forms.Form):
    figures = forms.CharField(
        label=_("Code"),
        max_length=20,
        error_messages={"required": _("Write the six figures of the code.")},
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "code",
            }
        ),
    )

    def clean_figures(self) -> str:
        return "".join(letter for letter in self.cleaned_data["figures"] if letter.isdecimal())


class WishForm(forms.Form):
    """Whom to call back, and about what."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = PhoneField(label=_("Phone"))
    wish = forms.CharField(
        label=_("When would you like to come?"),
        help_text=_("Please do not write about your health here."),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    data_agreed = forms.BooleanField(
        label=_("I agree to the processing of personal data"),
        error_messages={"required": _("Without this consent we may not write you down.")},
    )
    website = trap_field()

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        check_trap(self)
        return got
