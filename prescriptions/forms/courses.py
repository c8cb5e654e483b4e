from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Employee, ServiceKind
from prescriptions.models import DropReason, LineStatus

STATE_CHOICES = [
    ("open", _("Going on")),
    ("overdue", _("Overdue")),
    *((status.value, status.label) for status in LineStatus),
    ("all", _("All")),
]


class CourseFilterForm(forms.Form):
    """The filters above the list; what is missing or wrong filters nothing."""

    text = forms.CharField(
        label=_("Patient"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "wide": True}),
    )
    state = forms.ChoiceField(label=_("State"), choices=STATE_CHOICES, required=False)
    doctor = forms.ModelChoiceField(
        label=_("Prescribed by"),
        queryset=Employee.objects.none(),
        required=False,
        empty_label=_("anyone"),
    )
    specialist = forms.ModelChoiceField(
        label=_("Carried out by"),
        queryset=Employee.objects.none(),
        required=False,
        empty_label=_("anyone"),
    )
    kind = forms.ChoiceField(
        label=_("What"), choices=[("", _("any")), *ServiceKind.choices], required=False
    )

    def offer_colleagues(self, branch_id: int) -> None:
        """Let doctor and specialist be chosen among those of the branch."""
        colleagues = Employee.objects.filter(branches=branch_id, services__isnull=False)
        colleagues = colleagues.distinct().order_by("last_name", "first_name")
        for name in ("doctor", "specialist"):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = colleagues


class DropForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why will the patient not go on"),
        choices=DropReason.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
