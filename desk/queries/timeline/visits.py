from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments import events
from appointments.models import CancelReason, PaymentMethod
from clinic.formats import format_money, format_number
from desk.queries.timeline.facts import Fact
from desk.queries.timeline.telling import Group, Words, joined, tells, when, who_and_what
from intake.events import VisitImported
from loyalty.events import PointsChanged
from loyalty.models import PointKind


@tells(events.AppointmentBooked, group=Group.VISITS, icon="calendar-plus", tone="accent")
def tell_booked(fact: Fact) -> Words:
    moment = when(fact.booked_for, fact.appointment)
    return _("Booked for %(moment)s") % {"moment": moment}, who_and_what(fact.appointment)


@tells(events.AppointmentMoved, group=Group.VISITS, icon="arrows-exchange", tone="accent")
def tell_moved(fact: Fact) -> Words:
    to, came_from = (
        when(datetime.fromisoformat(fact.get(field)), fact.appointment)
        for field in ("to_start", "from_start")
    )
    before = _("it was %(moment)s") % {"moment": came_from}
    return _("Moved to %(moment)s") % {"moment": to}, joined(before, who_and_what(fact.appointment))


@tells(events.AppointmentConfirmed, group=Group.VISITS, icon="calendar-check", tone="success")
def tell_confirmed(fact: Fact) -> Words:
    title = _("Visit confirmed by the patient") if fact.get("by_patient") else _("Visit confirmed")
    return title, _about(fact)


@tells(events.MoveAsked, group=Group.VISITS, icon="calendar-repeat", tone="warning")
def tell_move_asked(fact: Fact) -> Words:
    return _("The patient asks for another time"), _about(fact)


@tells(events.AppointmentCancelled, group=Group.VISITS, icon="calendar-x", tone="warning")
def tell_cancelled(fact: Fact) -> Words:
    by_patient = fact.get("by_patient")
    title = _("Visit cancelled by the patient") if by_patient else _("Visit cancelled")
    return title, joined(_label(CancelReason, fact.get("reason")), _about(fact))


@tells(events.AppointmentRestored, group=Group.VISITS, icon="arrow-back-up")
def tell_restored(fact: Fact) -> Words:
    return _("Appointment restored"), _about(fact)


@tells(events.AppointmentMissed, group=Group.VISITS, icon="user-x", tone="danger")
def tell_missed(fact: Fact) -> Words:
    return _("Did not come"), _about(fact)


@tells(events.PatientArrived, group=Group.VISITS, icon="door-enter", tone="info")
def tell_arrived(fact: Fact) -> Words:
    return _("Came to the clinic"), _about(fact)


@tells(events.DelayTold, group=Group.OUTREACH, icon="clock-exclamation")
def tell_delay(fact: Fact) -> Words:
    title = ngettext(
        "Told of a delay of %(n)d minute",
        "Told of a delay of %(n)d minutes",
        n := fact.get("minutes"),
    )
    return title % {"n": n}, _about(fact)


@tells(events.VisitFinished, group=Group.VISITS, icon="circle-check", tone="success")
def tell_finished(fact: Fact) -> Words:
    return _("Visit finished"), who_and_what(fact.appointment)


@tells(VisitImported, group=Group.VISITS, icon="file-import")
def tell_imported(fact: Fact) -> Words:
    return _("Visit from the old records"), _about(fact)


@tells(events.VisitReopened, group=Group.VISITS, icon="arrow-back-up")
def tell_reopened(fact: Fact) -> Words:
    return _("Visit reopened"), who_and_what(fact.appointment)


@tells(events.BillChanged, group=Group.MONEY, icon="receipt")
def tell_bill(fact: Fact) -> Words:
    total = format_money(Decimal(fact.get("total")))
    return _("Bill changed: %(total)s") % {"total": total}, who_and_what(fact.appointment)


@tells(events.PrepaymentTaken, group=Group.MONEY, icon="cash", tone="success")
def tell_paid_ahead(fact: Fact) -> Words:
    title = _("Paid ahead %(amount)s") % {"amount": format_money(Decimal(fact.get("amount")))}
    return title, joined(_label(PaymentMethod, fact.get("method")), who_and_what(fact.appointment))


@tells(events.PrepaymentReturned, group=Group.MONEY, icon="receipt-refund", tone="warning")
def tell_prepayment_returned(fact: Fact) -> Words:
    amount = {"amount": format_money(Decimal(fact.get("amount")))}
    title = _("Prepayment returned: %(amount)s") % amount
    return title, joined(_label(PaymentMethod, fact.get("method")), who_and_what(fact.appointment))


@tells(events.PaymentTaken, group=Group.MONEY, icon="cash-banknote", tone="success")
def tell_paid(fact: Fact) -> Words:
    title = _("Paid %(amount)s") % {"amount": format_money(Decimal(fact.get("amount")))}
    return title, joined(_label(PaymentMethod, fact.get("method")), who_and_what(fact.appointment))


@tells(events.PaymentRefunded, group=Group.MONEY, icon="receipt-refund", tone="warning")
def tell_refunded(fact: Fact) -> Words:
    title = _("Returned %(amount)s") % {"amount": format_money(Decimal(fact.get("amount")))}
    return title, joined(_label(PaymentMethod, fact.get("method")), who_and_what(fact.appointment))


@tells(PointsChanged, group=Group.MONEY, icon="gift", tone="violet")
def tell_points(fact: Fact) -> Words:
    points = fact.get("points")
    sign = "+" if points > 0 else "−"
    title = ngettext("%(count)s point", "%(count)s points", abs(points)) % {
        "count": sign + format_number(abs(points))
    }
    return title, _label(PointKind, fact.get("kind"))


def _about(fact: Fact) -> str:
    visit = fact.appointment
    return joined(when(visit.starts_at, visit), who_and_what(visit)) if visit else ""


def _label(choices: type[CancelReason | PaymentMethod | PointKind], code: str) -> str:
    return str(choices(code).label) if code in choices.values else ""
