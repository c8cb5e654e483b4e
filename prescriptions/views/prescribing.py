"""A doctor prescribes a course, between two patients."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from appointments.models import Appointment
from appointments.queries import access_appointment
from clinic.http import StaffRequest, read_number
from clinic.models import Employee
from clinic.toasts import toast
from outbox.errors import Refused
from patients.models import Patient
from patients.queries import access_patient
from prescriptions.actions import prescribe_course
from prescriptions.forms import CourseForm, make_lines
from prescriptions.queries import list_habits, list_open_lines


@require_http_methods(["GET", "HEAD", "POST"])
def prescribe(request: StaffRequest) -> HttpResponse:
    """Prescribe to `?patient=`; `?appointment=` is the visit at which it happens."""
    named = read_number(request.GET.get("patient", ""))
    if named is None:
        raise Http404
    patient = access_patient(actor=request.user, patient_id=named)
    doctor = Employee.objects.filter(user=request.user).first()
    if doctor is None:
        raise PermissionDenied
    visit = _find_visit(request, patient)
    branch_id = visit.branch_id if visit else request.branch.pk
    typed = request.POST if request.method == "POST" else None
    form, lines = CourseForm(typed), make_lines(typed, branch_id=branch_id)
    if typed is not None and form.is_valid() and lines.is_valid():
        try:
            prescription = prescribe_course(
                order=form.order(
                    lines,
                    doctor_id=doctor.pk,
                    branch_id=branch_id,
                    patient_id=patient.pk,
                    appointment_id=visit.pk if visit else None,
                ),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _tell(request, prescription.lines.count(), patient, visit)
    context = {
        "patient": patient,
        "visit": visit,
        "form": form,
        "lines": lines,
        "habits": list_habits(doctor_id=doctor.pk),
        "open_lines": list_open_lines(patient_id=patient.pk),
        "back": _address_after(patient, visit),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if typed is not None else HTTPStatus.OK
    return render(request, "prescriptions/prescribe.html", context, status=status)


def _find_visit(request: StaffRequest, patient: Patient) -> Appointment | None:
    """Return the visit named in the address; one of another patient is nobody's business."""
    named = read_number(request.GET.get("appointment", ""))
    if named is None:
        return None
    visit = access_appointment(actor=request.user, appointment_id=named)
    if visit.patient_id != patient.pk:
        raise PermissionDenied
    return visit


def _tell(
    request: StaffRequest, count: int, patient: Patient, visit: Appointment | None
) -> HttpResponse:
    said = ngettext(
        "The course is prescribed: reception has %(n)d task.",
        "The course is prescribed: reception has %(n)d tasks.",
        count,
    )
    toast(request, said % {"n": count})
    return redirect(_address_after(patient, visit))


def _address_after(patient: Patient, visit: Appointment | None) -> str:
    """Back to the day when it was prescribed there, else to the card."""
    return reverse("desk:my_day") if visit else reverse("desk:card", args=[patient.pk])
