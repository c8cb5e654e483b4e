from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch
from desk.queries.patient_list import STANDINGS, ListFilter
from patients.models import Attitude, Source

ANY = pgettext_lazy("filter", "any")


class PatientFilterForm(forms.Form):
    """The filters over the list of patients; they live in the address."""

    q = forms.CharField(
        label=_("Name, phone or birth date"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "wide": True, "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    standing = forms.ChoiceField(
        label=_("Who"), required=False, choices=[("", _("everybody")), *STANDINGS]
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", ANY), *Attitude.choices],
    )
    branch = forms.ModelChoiceField(
        Branch.objects.only("name").order_by("name"),
        label=_("Branch"),
        required=False,
        empty_label=ANY,
    )
    source = forms.ModelChoiceField(
        Source.objects.only("name").order_by("name"),
        label=_("Source"),
        required=False,
        empty_label=ANY,
    )
    letter = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def read(self) -> ListFilter:
        """Return what is asked for; a filter that makes no sense counts as not set."""
        self.is_valid()
        got = self.cleaned_data
        return ListFilter(
            text=got.get("q", ""),
            standing=got.get("standing", ""),
            status=got.get("status", ""),
            branch_id=branch.pk if (branch := got.get("branch")) else None,
            source_id=source.pk if (source := got.get("source")) else None,
            letter=got.get("letter", ""),
            after=got.get("after"),
            before=got.get("before"),
        )
