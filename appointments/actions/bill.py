"""The bill of a visit: services rendered, and what is owed for them.

`total` is the lines less what was given back for them; the database refuses a visit that is paid
beyond it. Money moves in `payments`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.actions.totals import refresh_totals
from appointments.events import BillChanged
from appointments.models import Visit, VisitLine
from outbox.actions import record_event
from outbox.errors import Refused

CENT = Decimal("0.01")
DEAREST = Decimal("99999999.99")


class NoLines(Refused):
    code = "no_lines"
    status = 422
    message = _("Name at least one service.")


class WrongLine(Refused):
    code = "wrong_line"
    status = 422
    message = _("Check quantity, price and discount: the discount cannot exceed the sum.")


class BillBelowPaid(Refused):
    code = "bill_below_paid"
    message = _("More has been paid already than this bill comes to. Refund the difference first.")


@dataclass(frozen=True, kw_only=True)
class LineInput:
    """A service rendered: `quantity` × `price` − `discount`, in roubles with kopecks.

    `is_prepaid` is for the room of packages to set: the sum is then 0.
    """

    service_id: int
    price: Decimal
    quantity: int = 1
    discount: Decimal = Decimal(0)
    is_prepaid: bool = False

    @property
    def sum(self) -> Decimal:
        if self.is_prepaid:
            return Decimal(0)
        return self.quantity * self.price - self.discount


@transaction.atomic
def change_bill(
    *, visit_id: int, lines: Sequence[LineInput], actor_id: int | None, now: datetime
) -> Visit:
    """Replace the lines. The same lines again change nothing.

    What was given back stays forgiven for the services that are still on the bill. Raises
    `NoLines`, `WrongLine`, `BillBelowPaid`.
    """
    visit = lock_visit(visit_id)
    if lines and list(lines) == list_lines(visit):
        return visit
    write_lines(visit, lines)
    patient_id = visit.appointment.patient_id
    event = BillChanged(
        patient_id=patient_id, appointment_id=visit.appointment_id, total=str(visit.total)
    )
    record_event(event, actor_id=actor_id, now=now)
    refresh_totals(patient_id=patient_id)
    return visit


def lock_visit(visit_id: int) -> Visit:
    """Hold the visit until the transaction ends: whoever touches its money stands in one line."""
    visits = Visit.objects.select_for_update(of=("self",), no_key=True)
    return visits.select_related("appointment").get(pk=visit_id)


def list_lines(visit: Visit) -> list[LineInput]:
    """Return the lines of the bill in the order in which they were written."""
    return [
        LineInput(
            service_id=line.service_id,
            quantity=line.quantity,
            price=line.price,
            discount=line.discount,
            is_prepaid=line.is_prepaid,
        )
        for line in visit.lines.order_by("id")
    ]


def write_lines(visit: Visit, lines: Sequence[LineInput]) -> None:
    """Write the lines of a locked visit and its total. Raises as `change_bill`."""
    if not lines:
        raise NoLines
    if not all(_is_sound(line) for line in lines):
        raise WrongLine
    returned = min(visit.returned, _count_kept(list_lines(visit), lines))
    total = sum((line.sum for line in lines), Decimal(0)) - returned
    if total < visit.paid:
        raise BillBelowPaid
    if total > DEAREST:
        raise WrongLine
    visit.lines.all().delete()
    VisitLine.objects.bulk_create(
        VisitLine(
            visit=visit,
            service_id=line.service_id,
            quantity=line.quantity,
            price=line.price,
            discount=line.discount,
            is_prepaid=line.is_prepaid,
        )
        for line in lines
    )
    visit.total, visit.returned = total, returned
    visit.save(update_fields=["total", "returned"])


def _count_kept(old: Sequence[LineInput], new: Sequence[LineInput]) -> Decimal:
    """Return the roubles of the old lines whose services the new ones name too."""
    before, after = _sum_by_service(old), _sum_by_service(new)
    return sum((min(before[pk], after[pk]) for pk in before), Decimal(0))


def _sum_by_service(lines: Sequence[LineInput]) -> defaultdict[int, Decimal]:
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.service_id] += line.sum
    return sums


def _is_sound(line: LineInput) -> bool:
    return (
        1 <= line.quantity <= 999
        and 0 <= line.price <= DEAREST
        and 0 <= line.discount <= line.quantity * line.price
        and not (line.is_prepaid and line.discount)
        and line.price == line.price.quantize(CENT)
        and line.discount == line.discount.quantize(CENT)
    )
