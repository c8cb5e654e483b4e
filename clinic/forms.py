from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from clinic.days import is_within_reach


class Renderer(TemplatesSetting):
    """Every form of the product draws its fields with our field component."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class DayField(forms.DateField):
    """A day that a clinic can have; the year 1 or 9999 is a slip of the keys."""

    def to_python(self, value: Any) -> date | None:
        day: date | None = super().to_python(value)
        if day is not None and not is_within_reach(day):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class MoneyField(forms.DecimalField):
    """Roubles and kopecks as people write them: "2 500", "2500,50", "2 500 ₽"."""

    def __init__(self, *, at_least: Decimal = Decimal(0), **kwargs: Any) -> None:
        super().__init__(
            max_digits=10,
            decimal_places=2,
            min_value=at_least,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "".join(value.split()).rstrip("₽").replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        return str(value.quantize(Decimal("0.01"))).replace(".", ",").removesuffix(",00")


class SignInForm(AuthenticationForm):
    username = UsernameField(
        label=_("Login"),
        widget=forms.TextInput(attrs={"autofocus": True, "autocapitalize": "none"}),
    )
    error_messages = {
        "invalid_login": _(
            "The login or the password is wrong. Check the keyboard layout and Caps Lock."
        ),
        "inactive": _("This account is switched off. Ask the manager of the clinic."),
    }


class PasswordForm(PasswordChangeForm):
    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": _("The present password is wrong. Type it once more."),
    }
