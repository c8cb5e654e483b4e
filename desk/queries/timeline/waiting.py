from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.formats import format_clock, format_moment
from desk.queries.timeline.facts import Fact
from desk.queries.timeline.telling import Group, Words, joined, tells
from waitlist import events
from waitlist.models import EndReason, Entry, EntryStatus, Offer, OfferStatus
from waitlist.words import describe_wish


@tells(events.WaitBegan, group=Group.VISITS, icon="hourglass", tone="info")
def tell_began(fact: Fact) -> Words:
    return _("Came onto the waiting list"), _what(fact)


@tells(events.WaitChanged, group=Group.VISITS, icon="hourglass")
def tell_changed(fact: Fact) -> Words:
    return _("The wish on the waiting list was changed"), _what(fact)


@tells(events.WaitResumed, group=Group.VISITS, icon="hourglass", tone="info")
def tell_resumed(fact: Fact) -> Words:
    return _("Back on the waiting list"), _what(fact)


@tells(events.WaitEnded, group=Group.VISITS, icon="hourglass")
def tell_ended(fact: Fact) -> Words:
    status, reason = fact.get("status"), fact.get("reason")
    why = EndReason(reason).label if reason else EntryStatus(status).label
    return _("Off the waiting list"), joined(_service(fact), why)


@tells(events.OfferMade, group=Group.VISITS, icon="alarm", tone="warning")
def tell_offered(fact: Fact) -> Words:
    offer: Offer | None = fact.get("offer_id")
    if offer is None:
        return _("A freed time was offered"), _service(fact)
    until = format_clock(offer.expires_at, offer.branch.zone)
    kept = _("kept until %(until)s") % {"until": until}
    return _("A freed time was offered"), joined(_time(offer), _service(fact), kept)


@tells(events.OfferAccepted, group=Group.VISITS, icon="calendar-check", tone="success")
def tell_accepted(fact: Fact) -> Words:
    offer: Offer | None = fact.get("offer_id")
    title = _("Came forward to a freed time") if fact.get("moved") else _("Took a freed time")
    how = _("by the link") if fact.get("by_patient") else pgettext("answer", "by phone")
    return title, joined(_time(offer), _service(fact), how)


@tells(events.OfferClosed, group=Group.VISITS, icon="alarm")
def tell_closed(fact: Fact) -> Words:
    offer: Offer | None = fact.get("offer_id")
    status = OfferStatus(fact.get("status")).label
    return _("The offer of a freed time is over"), joined(_time(offer), status)


def _time(offer: Offer | None) -> str:
    if offer is None:
        return ""
    return joined(format_moment(offer.starts_at, offer.branch.zone), offer.employee.short_name)


def _service(fact: Fact) -> str:
    entry: Entry | None = fact.get("entry_id")
    return str(entry.service) if entry else ""


def _what(fact: Fact) -> str:
    entry: Entry | None = fact.get("entry_id")
    return joined(entry.service, *describe_wish(entry)) if entry else ""
