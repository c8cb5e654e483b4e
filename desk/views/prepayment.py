"""Money ahead for a booking: taken at the desk, given back by the clinic's rule."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from appointments.actions import (
    BookingPrepayment,
    Return,
    return_for_booking,
    take_for_booking,
)
from appointments.models import Appointment, Prepayment
from appointments.queries import (
    access_appointment,
    find_prepay_rule,
    is_prepayment_returned,
    list_prepaid,
)
from clinic.access import plays
from clinic.formats import format_money
from clinic.http import StaffRequest
from clinic.models import Role
from clinic.toasts import toast
from desk.forms.prepayment import PrepaymentForm, ReturnForm
from outbox.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Take money ahead; what is held already stands above, each with its way back."""
    now = timezone.now()
    appointment = access_appointment(actor=request.user, appointment_id=appointment_id)
    rule = find_prepay_rule(patient_id=appointment.patient_id, now=now)
    form = PrepaymentForm(request.POST if request.method == "POST" else None)
    form.initial["amount"] = rule.ask(appointment.price) if rule else appointment.price
    if form.is_valid():
        told = form.cleaned_data
        order = BookingPrepayment(
            appointment_id=appointment.pk,
            method=told["method"],
            amount=told["amount"],
            key=str(told["key"]),
        )
        try:
            taken = take_for_booking(order=order, actor_id=request.user.pk, now=now)
        except Refused as refusal:
            form.add_error("amount", str(refusal))
        else:
            toast(request, _("Paid ahead: %(sum)s.") % {"sum": format_money(taken.amount)})
            return HttpResponseClientRefresh()
    context = {
        "form": form,
        "appointment": appointment,
        "rule": rule,
        "held": list_prepaid(appointment_id=appointment.pk),
    }
    return render(request, "desk/prepayment/take.html", context, status=_status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: StaffRequest, prepayment_id: int) -> HttpResponse:
    """Say what the rule of the clinic is, then give the money back by the way it came."""
    appointment, left = _find(request, prepayment_id)
    by_rule = is_prepayment_returned(appointment)
    may_except = not by_rule and plays(request.user, {Role.MANAGER})
    posted = request.POST if request.method == "POST" else None
    form = ReturnForm(posted, may_except=may_except, initial={"amount": left})
    if form.is_valid():
        told = form.cleaned_data
        order = Return(
            prepayment_id=prepayment_id,
            amount=told["amount"],
            key=str(told["key"]),
            reason=told["reason"],
            is_exception=told.get("exception", False),
        )
        try:
            back = return_for_booking(order=order, actor_id=request.user.pk, now=timezone.now())
        except Refused as refusal:
            form.add_error("amount", str(refusal))
        else:
            toast(request, _("Given back: %(sum)s.") % {"sum": format_money(-back.amount)})
            return HttpResponseClientRefresh()
    context = {
        "form": form,
        "appointment": appointment,
        "prepayment_id": prepayment_id,
        "by_rule": by_rule,
        "left": left,
    }
    return render(request, "desk/prepayment/give_back.html", context, status=_status_of(form))


def _find(request: StaffRequest, prepayment_id: int) -> tuple[Appointment, Any]:
    """Return the booking and what is left of the prepayment. Raises as `access_appointment`."""
    row = Prepayment.objects.filter(
        pk=prepayment_id, appointment__isnull=False, refund_of__isnull=True
    ).first()
    if row is None:
        raise Http404
    appointment = access_appointment(actor=request.user, appointment_id=row.appointment_id or 0)
    held = {one.id: one.left for one in list_prepaid(appointment_id=appointment.pk)}
    return appointment, held.get(row.pk, 0)


def _status_of(form: Any) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
