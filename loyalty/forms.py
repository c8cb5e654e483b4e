import re
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.actions import TierRule
from loyalty.models import PointKind

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class LedgerFilterForm(forms.Form):
    """The filters above the ledger; what is missing or wrong filters nothing."""

    text = forms.CharField(
        label=_("Patient"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "wide": True}),
    )
    kind = forms.ChoiceField(
        label=_("What"), choices=[("", _("any")), *PointKind.choices], required=False
    )
    month = forms.RegexField(
        _MONTH, label=_("Month"), required=False, widget=forms.TextInput(attrs={"type": "month"})
    )


class AdjustForm(forms.Form):
    """Points given or taken by hand; the reason is shown to the patient."""

    points = forms.IntegerField(
        label=_("How many points"),
        help_text=_("A number gives, a number with a minus takes."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    note = forms.CharField(label=_("Reason"), max_length=200)
    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)


class TierForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=50)
    spent_from = forms.DecimalField(
        label=_("From how much spent, ₽"), min_value=0, max_digits=12, decimal_places=2
    )
    earn_percent = forms.DecimalField(
        label=_("Points, per cent of a payment"), min_value=0, max_value=100, decimal_places=1
    )
    points_live_days = forms.IntegerField(
        label=_("Points live, days"), min_value=1, max_value=3650, initial=365
    )

    def rule(self) -> TierRule:
        told = self.cleaned_data
        return TierRule(
            name=told["name"],
            spent_from=told["spent_from"],
            earn_percent=told["earn_percent"],
            points_live_days=told["points_live_days"],
        )
