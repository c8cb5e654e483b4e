"""“The doctor runs late”: who will wait, and one tap to write to them."""

from datetime import datetime, timedelta
from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from appointments.actions import tell_of_delay
from appointments.queries import list_delayed, measure_delay
from clinic.http import StaffRequest, close_dialog, read_numbers
from clinic.models import Employee, Role
from clinic.toasts import toast
from desk.forms.notices import MINUTES, DelayForm

CHANGED = "appointments-changed"
MINUTE = timedelta(minutes=1)


@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: StaffRequest, employee_id: int) -> HttpResponse:
    """Show whom a delay reaches; a POST writes to those who are ticked."""
    now = timezone.now()
    employee = _access_employee(request, employee_id)
    if request.method != "POST":
        asked = DelayForm(request.GET)
        delay = asked.delay() if asked.is_valid() else _suggest(request, employee, now=now)
        return _show(request, employee, delay, now=now)
    form = DelayForm(request.POST)
    if not form.is_valid():
        delay = _suggest(request, employee, now=now)
        return _show(request, employee, delay, now=now, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    count = tell_of_delay(
        employee_id=employee.pk,
        branch=request.branch,
        delay=form.delay(),
        appointment_ids=read_numbers(request.POST.getlist("appointment")),
        actor_id=request.user.pk,
        now=now,
    )
    said = ngettext("%(n)d patient is told.", "%(n)d patients are told.", count) % {"n": count}
    toast(request, said if count else _("Everybody knows already."))
    return close_dialog(CHANGED)


def _access_employee(request: StaffRequest, employee_id: int) -> Employee:
    """Reception speaks for every doctor, a doctor for himself."""
    employee = get_object_or_404(Employee, pk=employee_id)
    if request.user.role == Role.DOCTOR and employee.user_id != request.user.pk:
        raise PermissionDenied
    return employee


def _suggest(request: StaffRequest, employee: Employee, *, now: datetime) -> timedelta:
    """Return what was measured, rounded up to what can be chosen."""
    measured = measure_delay(employee_id=employee.pk, branch=request.branch, now=now)
    fitting = [minutes for minutes in MINUTES if minutes * MINUTE >= measured]
    return (fitting[0] if fitting else MINUTES[-1]) * MINUTE


def _show(
    request: StaffRequest, employee: Employee, delay: timedelta, *, now: datetime, status: int = 200
) -> HttpResponse:
    context = {
        "employee": employee,
        "form": DelayForm(initial={"minutes": int(delay / MINUTE)}),
        "delayed": list_delayed(
            employee_id=employee.pk, branch=request.branch, delay=delay, now=now
        ),
    }
    return render(request, "desk/my_day/late.html", context, status=status)
