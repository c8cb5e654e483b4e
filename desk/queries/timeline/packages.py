from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.formats import format_day, format_money
from desk.queries.timeline.facts import Fact
from desk.queries.timeline.telling import Group, Words, joined, tells, when, who_and_what
from packages import events


@tells(events.PackageSold, group=Group.MONEY, icon="ticket", tone="success")
def tell_sold(fact: Fact) -> Words:
    amount = format_money(Decimal(fact.get("amount")))
    return _("Package bought for %(amount)s") % {"amount": amount}, _name(fact)


@tells(events.PackageDebited, group=Group.MONEY, icon="ticket", tone="violet")
def tell_debited(fact: Fact) -> Words:
    sessions = fact.get("sessions")
    title = ngettext(
        "%(count)s session used of the package", "%(count)s sessions used of the package", sessions
    )
    left = _("left: %(left)s") % {"left": fact.get("left")}
    return title % {"count": sessions}, joined(_name(fact), left, _visit(fact))


@tells(events.PackageRestored, group=Group.MONEY, icon="arrow-back-up", tone="violet")
def tell_restored(fact: Fact) -> Words:
    sessions = fact.get("sessions")
    title = ngettext(
        "%(count)s session given back to the package",
        "%(count)s sessions given back to the package",
        sessions,
    )
    left = _("left: %(left)s") % {"left": fact.get("left")}
    return title % {"count": sessions}, joined(_name(fact), left, _visit(fact))


@tells(events.PackageFrozen, group=Group.MONEY, icon="snowflake", tone="info")
def tell_frozen(fact: Fact) -> Words:
    return _("Package frozen"), _name(fact)


@tells(events.PackageUnfrozen, group=Group.MONEY, icon="sun", tone="info")
def tell_unfrozen(fact: Fact) -> Words:
    days = fact.get("days")
    grown = ngettext("the term grew by %(days)s day", "the term grew by %(days)s days", days)
    return _("Freeze of the package ended"), joined(_name(fact), grown % {"days": days})


@tells(events.PackageShared, group=Group.MONEY, icon="users-group")
def tell_shared(fact: Fact) -> Words:
    is_family = fact.get("is_family")
    title = _("Package shared with the family") if is_family else _("Package for the owner alone")
    return title, _name(fact)


@tells(events.PackageTransferred, group=Group.MONEY, icon="arrow-forward-up", tone="warning")
def tell_transferred(fact: Fact) -> Words:
    return _("Package passed to another patient"), _name(fact)


@tells(events.PackageRefunded, group=Group.MONEY, icon="receipt-refund", tone="warning")
def tell_refunded(fact: Fact) -> Words:
    amount = format_money(Decimal(fact.get("amount")))
    return _("Package refunded: %(amount)s") % {"amount": amount}, _name(fact)


@tells(events.PackageExpiring, group=Group.MONEY, icon="hourglass", tone="warning")
def tell_expiring(fact: Fact) -> Words:
    package = fact.get("package_id")
    last = datetime.fromisoformat(fact.get("ends_at")) - timedelta(seconds=1)
    day = format_day(last.astimezone(package.branch.zone).date()) if package else ""
    left = _("left: %(left)s") % {"left": fact.get("left")}
    return _("The package ends soon"), joined(_name(fact), left, day)


@tells(events.PackageExpired, group=Group.MONEY, icon="hourglass", tone="danger")
def tell_expired(fact: Fact) -> Words:
    sessions = fact.get("sessions")
    lost = ngettext("%(count)s session expired", "%(count)s sessions expired", sessions)
    return _("The package is over"), joined(_name(fact), lost % {"count": sessions})


def _name(fact: Fact) -> str:
    package = fact.get("package_id")
    return package.name if package else ""


def _visit(fact: Fact) -> str:
    visit = fact.appointment
    return joined(when(visit.starts_at, visit), who_and_what(visit)) if visit else ""
