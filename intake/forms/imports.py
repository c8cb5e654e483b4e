from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from intake.fields import FIELDS
from intake.models import Import
from intake.records import Rules
from intake.tables import MAX_BYTES, TooLarge

CHOICES = [("", _("leave out")), *((field.code, field.label) for field in FIELDS)]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX or CSV in any encoding, up to 20 MB and 100,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(str(TooLarge()), code=TooLarge.code)
        return file


class MappingForm(forms.Form):
    """One choice for each column of the file, and the rules that the file cannot tell."""

    bad_phones = forms.ChoiceField(
        label=_("A phone that is no phone"),
        choices=[("skip", _("import the row without it")), ("refuse", _("refuse the row"))],
        widget=forms.RadioSelect,
    )
    nameless = forms.ChoiceField(
        label=_("A phone without a name"),
        choices=[("refuse", _("refuse the row")), ("import", _("import it all the same"))],
        widget=forms.RadioSelect,
    )
    basis = forms.CharField(
        label=_("On what the consents are based"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Only if a column says who consented. Kept as the proof: which forms, signed when."
        ),
    )

    def __init__(self, data: Any = None, *, file: Import) -> None:
        super().__init__(data, initial=file.rules)
        self.file = file
        for place, name in enumerate(file.columns):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=name, choices=CHOICES, required=False, initial=file.mapping[place]
            )

    def columns(self) -> list[tuple[forms.BoundField, list[str]]]:
        """Return the choice of each column with what stands in it."""
        return [
            (self[f"column_{place}"], self.file.samples[place])
            for place in range(len(self.file.columns))
        ]

    def mapping(self) -> list[str]:
        return [self.cleaned_data[f"column_{place}"] for place in range(len(self.file.columns))]

    def rules(self) -> Rules:
        told = self.cleaned_data
        return Rules(
            bad_phones=told["bad_phones"], nameless=told["nameless"], basis=told["basis"].strip()
        )
