"""The end of a visit at reception: the bill, the payment, a refund, the receipt."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from appointments.actions import refund_payment, reverse_payment
from appointments.models import Appointment, AppointmentStatus, Payment, PaymentMethod, Visit
from appointments.queries import access_appointment
from clinic.formats import format_money
from clinic.http import StaffRequest, address_of
from clinic.models import Setting
from clinic.toasts import toast
from clinic.words import spell_roubles
from desk.actions.check_out import CheckedOut, check_out
from desk.forms.check_out import LineFormSet, PaymentForm, RefundForm, initial_lines
from desk.queries.check_out import (
    access_finished_visit,
    access_payment,
    get_bill,
    get_next_steps,
    get_purse,
    list_billable,
    list_means,
    seal_bill,
)
from outbox.errors import Refused
from packages.codes import read_code
from patients.actions import record_access
from patients.models import AccessAction, Patient

PAGE = "desk/check_out/page.html"


@require_http_methods(["GET", "HEAD", "POST"])
def check_out_visit(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Show the bill, or finish the visit and take what is paid.

    What does not pass comes back with all that was typed and the reason, 422.
    """
    now = timezone.now()
    appointment = access_appointment(actor=request.user, appointment_id=appointment_id)
    if request.method != "POST":
        with transaction.atomic():
            _journal(request, appointment.patient, AccessAction.OPENED, "desk:check_out", now=now)
            page = _page(request, appointment, code=request.GET.get("code", ""), now=now)
            return render(request, PAGE, page)
    page = _page(request, appointment, code=request.POST.get("code", ""), now=now)
    lines = LineFormSet(request.POST, prefix="lines", form_kwargs=page["lines"].form_kwargs)
    payment = PaymentForm(request.POST)
    if not (lines.is_valid() & payment.is_valid()):
        return _show_again(request, page, lines, payment)
    try:
        done = check_out(
            appointment_id=appointment.pk,
            order=payment.read(lines),
            actor_id=request.user.pk,
            now=now,
        )
    except Refused as refusal:
        return _show_again(request, page, lines, payment, refusal=refusal)
    toast(request, _say_done(done))
    return redirect("desk:check_out", appointment.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: StaffRequest, payment_id: int) -> HttpResponse:
    """Ask what happened, how much goes back and why, then give it back."""
    now = timezone.now()
    payment, appointment = access_payment(actor=request.user, payment_id=payment_id)
    row = next(
        row for row in get_bill(visit=payment.visit, now=now).payments if row.id == payment.pk
    )
    form = RefundForm(request.POST if request.method == "POST" else None)
    form.initial["amount"] = row.left
    context = {
        "form": form,
        "payment": row,
        "appointment": appointment,
        "is_points": payment.method == PaymentMethod.POINTS,
    }
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return render(request, "desk/check_out/refund.html", context, status=status)
    try:
        given_back = _give_back(request, payment, form)
    except Refused as refusal:
        form.add_error("amount", str(refusal))
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "desk/check_out/refund.html", context, status=status)
    toast(request, _("Given back: %(sum)s.") % {"sum": format_money(-given_back.amount)})
    return HttpResponseClientRefresh()


def _give_back(request: StaffRequest, payment: Payment, form: RefundForm) -> Payment:
    told, now = form.cleaned_data, timezone.now()
    key, reason = str(told["key"]), told["reason"]
    if told["kind"] == RefundForm.MISTAKE:
        return reverse_payment(
            payment_id=payment.pk, key=key, actor_id=request.user.pk, now=now, reason=reason
        )
    return refund_payment(
        payment_id=payment.pk,
        amount=told["amount"],
        key=key,
        actor_id=request.user.pk,
        now=now,
        reason=reason,
    )


@require_safe
def show_receipt(request: StaffRequest, visit_id: int) -> HttpResponse:
    """The paper for the patient, in Russian whatever language the reception works in."""
    now = timezone.now()
    visit, appointment = access_finished_visit(actor=request.user, visit_id=visit_id)
    with transaction.atomic():
        _journal(request, appointment.patient, AccessAction.PRINTED, "desk:receipt", now=now)
        with translation.override("ru"):
            context = {
                "appointment": appointment,
                "bill": get_bill(visit=visit, now=now),
                "clinic": Setting.load(),
                "in_words": spell_roubles(visit.paid),
                "printed_at": now,
            }
            return render(request, "desk/check_out/receipt.html", context)


def _show_again(
    request: StaffRequest,
    page: dict[str, Any],
    lines: Any,
    payment: PaymentForm,
    *,
    refusal: Refused | None = None,
) -> HttpResponse:
    context = page | {
        "lines": lines,
        "payment": payment,
        "refusal": refusal,
        "is_open": True,
    }
    return render(request, PAGE, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    request: StaffRequest, appointment: Appointment, *, code: str, now: datetime
) -> dict[str, Any]:
    """What the page shows before anything is typed; `code` opens the package of somebody else."""
    visit = Visit.objects.filter(appointment=appointment).first()
    is_done = visit is not None and appointment.status == AppointmentStatus.DONE
    bill = get_bill(visit=visit, now=now) if visit is not None and is_done else None
    means = list_means(appointment=appointment, bill=bill, code=read_code(code), now=now)
    total = bill.lines_sum if bill else appointment.price
    return {
        "appointment": appointment,
        "bill": bill,
        "is_cancelled": appointment.status == AppointmentStatus.CANCELLED,
        "is_open": bill is None or bool(bill.debt) or "change" in request.GET,
        "purse": get_purse(appointment=appointment, visit=visit, total=total),
        "lines": LineFormSet(
            prefix="lines",
            initial=initial_lines(appointment, bill, means.cover),
            form_kwargs={
                "services": list_billable(appointment=appointment),
                "packages": means.packages,
            },
        ),
        "code_is_unknown": bool(code) and not means.knows_code,
        "payment": PaymentForm(
            initial={"code": code, "seen": seal_bill(appointment=appointment, visit=visit)}
        ),
        "next_steps": get_next_steps(appointment=appointment) if bill else None,
    }


def _say_done(done: CheckedOut) -> str:
    debt = done.visit.total - done.visit.paid
    if done.change:
        return _("Done. Give change: %(sum)s.") % {"sum": format_money(done.change)}
    if debt:
        return _("Done. The patient still owes %(sum)s.") % {"sum": format_money(debt)}
    return _("Done. The bill is paid.")


def _journal(
    request: StaffRequest, patient: Patient, action: str, place: str, *, now: datetime
) -> None:
    record_access(
        patient_id=patient.pk,
        actor_id=request.user.pk,
        action=action,
        place=place,
        ip=address_of(request),
        now=now,
    )
