"""What a doctor fills in: lines of services, most of it by one tap."""

import uuid
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.models import Employee, Service
from prescriptions.actions import CourseOrder, LineOrder

MOST_LINES = 12


class SpecialistChoice(forms.Select):
    """Says of each specialist which services he carries out, so that the page can narrow them."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        employee = getattr(value, "instance", None)
        if employee is not None:
            services = " ".join(str(service.pk) for service in employee.services.all())
            option["attrs"]["data-services"] = services
        return option


class LineForm(forms.Form):
    """One line of the course. A line without a service is left out."""

    service = forms.ModelChoiceField(
        label=_("Service"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=_("choose a service"),
    )
    sessions = forms.IntegerField(
        label=_("Number of sessions"), min_value=1, max_value=60, initial=1, required=False
    )
    every_min_days = forms.IntegerField(
        label=_("Not sooner than, days"), min_value=0, max_value=365, initial=1, required=False
    )
    every_max_days = forms.IntegerField(
        label=_("Not later than, days"), min_value=0, max_value=365, initial=3, required=False
    )
    is_repeat_exam = forms.BooleanField(label=_("Repeat examination"), required=False)
    specialist = forms.ModelChoiceField(
        label=_("Who carries it out"),
        queryset=Employee.objects.none(),
        required=False,
        empty_label=_("whoever is free"),
        widget=SpecialistChoice,
    )

    def __init__(
        self, *args: Any, services: Any = None, specialists: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("service", services), ("specialist", specialists)):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField) and choices is not None:
                field.queryset = choices

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("service") is None:
            return told
        for name in ("sessions", "every_min_days", "every_max_days"):
            if told.get(name) is None and name not in self.errors:
                self.add_error(name, _("A number is needed."))
        if self.errors:
            return told
        if told["every_min_days"] > told["every_max_days"]:
            self.add_error("every_max_days", _("This must not be less than the days before it."))
        if told["is_repeat_exam"]:
            told["sessions"] = 1
        return told

    def order(self) -> LineOrder:
        told = self.cleaned_data
        return LineOrder(
            service_id=told["service"].pk,
            sessions=told["sessions"],
            every_min_days=told["every_min_days"],
            every_max_days=told["every_max_days"],
            is_repeat_exam=told["is_repeat_exam"],
            specialist_id=told["specialist"].pk if told["specialist"] else None,
        )


if TYPE_CHECKING:
    BaseLines = forms.BaseFormSet[LineForm]
else:
    BaseLines = forms.BaseFormSet


class CourseLines(BaseLines):
    def clean(self) -> None:
        if not any(self.errors) and not self.filled():
            raise ValidationError(_("Name at least one service."), code="no_lines")

    def filled(self) -> list[LineForm]:
        return [form for form in self.forms if form.cleaned_data.get("service")]


_lines = cast(
    "type[CourseLines]",
    forms.formset_factory(
        LineForm, formset=CourseLines, extra=1, max_num=MOST_LINES, absolute_max=MOST_LINES * 2
    ),
)


def make_lines(typed: QueryDict | None, *, branch_id: int) -> CourseLines:
    """Return the lines of the form; specialists are those who work at the branch."""
    specialists = Employee.objects.filter(
        branches=branch_id, is_active=True, services__isnull=False
    )
    choices = {
        "services": Service.objects.filter(is_active=True).order_by("kind", "name"),
        "specialists": specialists.distinct()
        .order_by("last_name", "first_name")
        .prefetch_related("services"),
    }
    return _lines(typed, prefix="line", form_kwargs=choices)


class CourseForm(forms.Form):
    note = forms.CharField(
        label=_("Note for reception"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("only mornings, back first…")}),
    )
    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def order(
        self,
        lines: CourseLines,
        *,
        doctor_id: int,
        branch_id: int,
        patient_id: int,
        appointment_id: int | None,
    ) -> CourseOrder:
        return CourseOrder(
            patient_id=patient_id,
            doctor_id=doctor_id,
            branch_id=branch_id,
            appointment_id=appointment_id,
            note=self.cleaned_data["note"].strip(),
            lines=tuple(form.order() for form in lines.filled()),
            key=str(self.cleaned_data["key"]),
        )
