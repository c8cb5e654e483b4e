"""The bill of a visit as reception and the receipt show it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from appointments.actions import LineInput, list_lines
from appointments.models import (
    UPCOMING,
    Appointment,
    AppointmentStatus,
    Payment,
    PaymentMethod,
    Visit,
)
from appointments.queries import access_appointment, count_prepaid, list_services
from clinic.models import Employee, Service, Setting, User
from loyalty.queries import count_earned, count_payable_points, get_balance
from packages.queries import (
    Cover,
    Holding,
    describe_many,
    list_debits,
    list_holdings,
    list_usable,
    suggest_cover,
)
from prescriptions.queries import CountedLine, list_open_lines


@dataclass(frozen=True, kw_only=True)
class BillLine:
    service_id: int
    service: str
    quantity: int
    price: Decimal
    discount: Decimal
    is_prepaid: bool

    @property
    def sum(self) -> Decimal:
        if self.is_prepaid:
            return Decimal(0)
        return self.quantity * self.price - self.discount


@dataclass(frozen=True, kw_only=True)
class PaymentRow:
    """A payment, or a refund with its `reason`. `left` is what of it can still be given back."""

    id: int
    method: str
    amount: Decimal
    at: datetime
    actor: str
    reason: str
    left: Decimal

    @property
    def given_back(self) -> Decimal:
        return -self.amount


@dataclass(frozen=True, kw_only=True)
class MethodSum:
    method: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Bill:
    """`by_method` is money in less money back. `earned` points come from the payments.

    `packages` are those of the patient's own and those that paid for the visit.
    """

    visit: Visit
    lines: Sequence[BillLine]
    packages: Sequence[Holding]
    payments: Sequence[PaymentRow]
    by_method: Sequence[MethodSum]
    earned: int

    @property
    def lines_sum(self) -> Decimal:
        return sum((line.sum for line in self.lines), Decimal(0))

    @property
    def debt(self) -> Decimal:
        return self.visit.total - self.visit.paid

    @property
    def takers(self) -> Sequence[str]:
        """Who took the money, each once, the first first."""
        return list(dict.fromkeys(row.actor for row in self.payments if row.actor))


@dataclass(frozen=True, kw_only=True)
class Purse:
    """What decides how much is owed, and how much of it points may pay.

    `ahead` was taken for the booking; the bill takes it when the visit is finished, and until then
    it is a part of `paid`.

    `written` is the sum of the bill by service: what was given back stays forgiven for those.
    """

    balance: int
    share: Decimal
    returned: Decimal
    paid: Decimal
    paid_points: Decimal
    payable: int
    written: Mapping[int, str]
    ahead: Decimal = Decimal(0)

    @property
    def written_as_json(self) -> str:
        return json.dumps(self.written)


def get_bill(*, visit: Visit, now: datetime) -> Bill:
    """Return the bill of a finished visit with everything that was paid on it."""
    lines = [
        BillLine(
            service_id=line.service_id,
            service=line.service.name,
            quantity=line.quantity,
            price=line.price,
            discount=line.discount,
            is_prepaid=line.is_prepaid,
        )
        for line in visit.lines.select_related("service").order_by("id")
    ]
    payments = list(visit.payments.order_by("at", "id"))
    return Bill(
        visit=visit,
        lines=lines,
        packages=_list_packages(visit.appointment, now=now),
        payments=_describe(payments),
        by_method=_sum_by_method(payments),
        earned=sum(count_earned(payment) for payment in payments if payment.amount > 0)
        if all(payment.amount > 0 for payment in payments)
        else 0,
    )


def seal_bill(*, appointment: Appointment, visit: Visit | None) -> str:
    """Return a mark of the bill and of what is paid of it, which changes when they do.

    Before there is a bill, it is that of what was booked: a doctor who finishes the visit while
    reception types writes just that, and takes nobody by surprise.
    """
    lines: list[tuple[Any, ...]] = []
    if visit is not None and appointment.status == AppointmentStatus.DONE:
        columns = ("service_id", "quantity", "price", "discount", "is_prepaid")
        lines += visit.lines.order_by("id").values_list(*columns)
    lines = lines or [(appointment.service_id, 1, appointment.price, Decimal(0), False)]
    moved = visit or Visit()
    said = [
        *(
            f"{what}:{many}:{price:.2f}:{less:.2f}:{free}"
            for what, many, price, less, free in lines
        ),
        f"{moved.paid:.2f}:{moved.returned:.2f}",
    ]
    return sha256("|".join(said).encode()).hexdigest()


def get_purse(*, appointment: Appointment, visit: Visit | None, total: Decimal) -> Purse:
    """Return what the points may pay when the lines come to `total`."""
    known = visit or Visit()
    is_done = appointment.status == AppointmentStatus.DONE
    ahead = Decimal(0) if is_done else count_prepaid(appointment_id=appointment.pk)
    owed = Visit(
        total=max(total - known.returned, Decimal(0)),
        paid=known.paid + min(ahead, max(total - known.paid, Decimal(0))),
        paid_points=known.paid_points,
    )
    balance = get_balance(patient_id=appointment.patient_id).points
    return Purse(
        balance=balance,
        share=Setting.load().points_share,
        returned=known.returned,
        paid=owed.paid,
        paid_points=known.paid_points,
        payable=min(balance, count_payable_points(visit=owed)),
        written=_sum_written(visit),
        ahead=ahead,
    )


@dataclass(frozen=True, kw_only=True)
class NextSteps:
    """What to offer while the patient is here: sessions not booked, and what is booked already."""

    lines: Sequence[CountedLine]
    upcoming: Appointment | None


def get_next_steps(*, appointment: Appointment) -> NextSteps:
    """Return the patient's open course lines that lack a session, and his next booked visit."""
    lines = list_open_lines(patient_id=appointment.patient_id)
    ahead = Appointment.objects.filter(
        patient=appointment.patient_id, starts_at__gt=appointment.starts_at, status__in=UPCOMING
    ).select_related("employee", "branch", "service")
    return NextSteps(
        lines=[line for line in lines if line.missing],
        upcoming=ahead.order_by("starts_at").first(),
    )


def _sum_written(visit: Visit | None) -> dict[int, str]:
    """Return the roubles of the written lines by service, where something was given back."""
    if visit is None or not visit.returned:
        return {}
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in list_lines(visit):
        sums[line.service_id] += line.sum
    return {service_id: str(total) for service_id, total in sums.items()}


def list_billable(*, appointment: Appointment) -> QuerySet[Service]:
    """Return what can stand on the bill: what the branch does, was booked or is written already."""
    return Service.objects.filter(
        Q(pk__in=list_services(branch=appointment.branch).values("pk"))
        | Q(pk=appointment.service_id)
        | Q(pk__in=_list_written(appointment))
    ).order_by("kind", "name")


def access_finished_visit(*, actor: User, visit_id: int) -> tuple[Visit, Appointment]:
    """Return the visit and its appointment; raise `Http404` while there is no bill."""
    visit = Visit.objects.filter(pk=visit_id, finished_at__isnull=False).first()
    if visit is None:
        raise Http404
    return visit, access_appointment(actor=actor, appointment_id=visit.appointment_id)


def access_payment(*, actor: User, payment_id: int) -> tuple[Payment, Appointment]:
    """Return a payment that came in, and its appointment. Raises as `access_appointment`."""
    payments = Payment.objects.select_related("visit").filter(refund_of__isnull=True)
    payment = payments.filter(pk=payment_id).first()
    if payment is None:
        raise Http404
    appointment = access_appointment(actor=actor, appointment_id=payment.visit.appointment_id)
    return payment, appointment


def _list_packages(appointment: Appointment, *, now: datetime) -> list[Holding]:
    own = list_holdings(patient_id=appointment.patient_id, now=now)
    paying = {debit.package_id for debit in list_debits(appointment_id=appointment.pk)}
    others = paying - {holding.id for holding in own}
    used = describe_many(others, patient_id=appointment.patient_id, now=now) if others else {}
    return [*own, *used.values()]


@dataclass(frozen=True, kw_only=True)
class Means:
    """Which packages may pay for the visit, the best first, and which should pay which line.

    `knows_code` says that the code opened a package.
    """

    packages: Sequence[Holding]
    cover: Cover
    knows_code: bool


def list_means(*, appointment: Appointment, bill: Bill | None, code: str, now: datetime) -> Means:
    """Return what packages can do for the bill; `code` is of one that belongs to somebody else.

    Lines that money has paid for are left to it.
    """
    booked = [LineInput(service_id=appointment.service_id, price=appointment.price)]
    lines = bill.lines if bill else booked
    cover = suggest_cover(appointment=appointment, lines=lines, code=code, now=now)
    if bill and bill.visit.paid:
        kept = {n: pk for n, pk in cover.packages.items() if bill.lines[n].is_prepaid}
        cover = Cover(packages=kept, code=code)
    usable = list_usable(patient_id=appointment.patient_id, code=code, now=now)
    codes = dict(usable.values_list("pk", "code"))
    order = list(dict.fromkeys([*cover.packages.values(), *codes]))
    found = describe_many(order, patient_id=appointment.patient_id, now=now) if order else {}
    return Means(
        packages=[found[number] for number in order],
        cover=cover,
        knows_code=code in codes.values(),
    )


def _list_written(appointment: Appointment) -> QuerySet[Visit, int]:
    visits = Visit.objects.filter(appointment=appointment, lines__isnull=False)
    return visits.values_list("lines__service_id", flat=True)


def _describe(payments: Sequence[Payment]) -> list[PaymentRow]:
    actors = {payment.actor_id for payment in payments if payment.actor_id}
    names = {
        employee.user_id: employee.short_name
        for employee in Employee.objects.filter(user__in=actors)
    }
    return [
        PaymentRow(
            id=payment.pk,
            method=payment.get_method_display(),
            amount=payment.amount,
            at=payment.at,
            actor=names.get(payment.actor_id, ""),
            reason=payment.reason,
            left=_count_left(payment, payments),
        )
        for payment in payments
    ]


def _count_left(payment: Payment, payments: Sequence[Payment]) -> Decimal:
    if payment.amount < 0:
        return Decimal(0)
    refunds = (other.amount for other in payments if other.refund_of_id == payment.pk)
    return payment.amount + sum(refunds, Decimal(0))


def _sum_by_method(payments: Sequence[Payment]) -> list[MethodSum]:
    sums: dict[str, Decimal] = {}
    for payment in payments:
        sums[payment.method] = sums.get(payment.method, Decimal(0)) + payment.amount
    return [
        MethodSum(method=str(method.label), amount=sums[method])
        for method in PaymentMethod
        if sums.get(method)
    ]
