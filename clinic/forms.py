from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _


class Renderer(TemplatesSetting):
    """Every form of the product draws its fields with our field component."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


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
