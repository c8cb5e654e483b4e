import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from online.actions import ProfileDetails, Rules
from online.models import OnlineSetting, Profile
from online.photos import LARGEST_FILE
from patients.models import Channel, Source

ORIGIN = re.compile(r"(https://[a-z0-9.-]+|http://localhost)(:[0-9]{1,5})?")
MOST_ORIGINS = 20


class SettingForm(forms.Form):
    """How patients book themselves."""

    is_open = forms.BooleanField(label=_("Patients can book themselves"), required=False)
    greeting = forms.CharField(
        label=_("Words above the first step"), required=False, max_length=300
    )
    code_channel = forms.ChoiceField(
        label=_("The code comes by"),
        choices=Channel,
        help_text=_("By e-mail where the clinic has no contract for SMS."),
    )
    code_price = forms.DecimalField(
        label=_("Price of one SMS, ₽"), min_value=0, max_digits=6, decimal_places=2
    )
    code_budget = forms.DecimalField(
        label=_("Codes by SMS cost at most in 24 hours, ₽"),
        help_text=_("Beyond it the page asks to call: nobody can spend the clinic's money."),
        min_value=0,
        max_digits=8,
        decimal_places=2,
    )
    source = forms.ModelChoiceField(
        Source.objects.filter(is_active=True).order_by("name"),
        label=_("Source of those whom no advertisement brought"),
        required=False,
        empty_label=pgettext_lazy("source", "online booking"),
    )
    accent = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$",
        label=_("Colour of buttons and links"),
        help_text=_("Like #0d6f83; empty: ours. It is made darker or lighter until it reads well."),
        required=False,
        error_messages={"invalid": _("Write the colour like #0d6f83.")},
    )
    frame_origins = forms.CharField(
        label=_("Sites that may show it in a frame"),
        help_text=_("One a line, like https://clinic.ru"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def clean_code_price(self) -> Any:
        price = self.cleaned_data["code_price"]
        if not price:
            raise ValidationError(_("A price of nothing would count nothing."))
        return price

    def clean_frame_origins(self) -> tuple[str, ...]:
        origins = [line.lower().rstrip("/") for line in self.cleaned_data["frame_origins"].split()]
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                told = _("“%(origin)s” is not an address like https://clinic.ru, without a path.")
                raise ValidationError(told, params={"origin": origin})
        if len(origins) > MOST_ORIGINS:
            raise ValidationError(_("At most 20 sites."))
        return tuple(dict.fromkeys(origins))

    @staticmethod
    def initial_of(setting: OnlineSetting) -> dict[str, Any]:
        names = ("is_open", "greeting", "code_channel", "code_price", "code_budget", "source")
        return {name: getattr(setting, name) for name in (*names, "accent", "frame_origins")}

    def read(self) -> Rules:
        got = dict(self.cleaned_data)
        source = got.pop("source")
        return Rules(**got, source_id=source.pk if source else None)


class ProfileForm(forms.Form):
    """What patients see of a doctor."""

    is_shown = forms.BooleanField(
        label=_("Patients book this doctor online"),
        help_text=_("Otherwise only reception does, and patients do not see him."),
        required=False,
    )
    since_year = forms.IntegerField(
        label=_("Practises since, year"),
        help_text=_("Patients see how many years that is."),
        required=False,
        min_value=1940,
        max_value=2199,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "2008"}),
    )
    about = forms.CharField(
        label=_("About, for patients"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP up to 8 MB. It is cut square and made small."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    without_photo = forms.BooleanField(label=_("Take the photo off"), required=False)

    def clean_photo(self) -> Any:
        photo = self.cleaned_data["photo"]
        if photo and photo.size > LARGEST_FILE:
            raise ValidationError(_("The photo is too large: 8 MB and 50 megapixels at most."))
        return photo

    @staticmethod
    def initial_of(profile: Profile) -> dict[str, Any]:
        return {name: getattr(profile, name) for name in ("is_shown", "since_year", "about")}

    def read(self) -> ProfileDetails:
        got = dict(self.cleaned_data)
        photo = got.pop("photo")
        return ProfileDetails(**got, photo=photo.read() if photo else None)
