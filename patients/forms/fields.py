"""Fields that take what people write."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from outbox.errors import Refused
from patients.actions import normalise_email
from patients.dates import read_birth_date
from patients.models import ContactKind
from patients.phones import normalise_phone


class BirthDateField(forms.CharField):
    """A birth date however written; the form sets `today` before it is validated."""

    today: date

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "12.03.1985"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%d.%m.%Y}" if isinstance(value, date) else value

    def clean(self, value: Any) -> date | None:
        written = super().clean(value)
        if not written:
            return None
        try:
            return read_birth_date(written, today=self.today)
        except Refused as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal


class ContactField(forms.CharField):
    """A phone or an e-mail: whatever has an @ is an e-mail. The value stays as it was typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "placeholder": _("8 916 123-45-67 or name@mail.ru")}
        super().__init__(max_length=254, widget=forms.TextInput(attrs=attrs), **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not value:
            return
        try:
            normalise_contact(value)
        except Refused as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal


def normalise_contact(text: str) -> tuple[str, str]:
    """Return the kind and the normal form. Raises `WrongPhone`, `WrongEmail`."""
    if "@" in text:
        return ContactKind.EMAIL, normalise_email(text)
    return ContactKind.PHONE, normalise_phone(text)
