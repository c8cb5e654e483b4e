from django import forms
from django.utils.translation import gettext_lazy as _

from documents.actions import DocumentOrder
from documents.models import DocumentKind


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
        help_text=_("A Word document (.docx) of at most 2 MB, without macros."),
    )


class MakeForm(forms.Form):
    """Which document is made; the subject is the page's own."""

    kind = forms.ChoiceField(choices=DocumentKind)
    appointment = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    after = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def read(self, *, patient_id: int, branch_id: int) -> DocumentOrder:
        told = self.cleaned_data
        return DocumentOrder(
            kind=told["kind"],
            patient_id=patient_id,
            branch_id=branch_id,
            appointment_id=told["appointment"],
            after=told["after"],
        )
