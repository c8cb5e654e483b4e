from appointments.queries.alternatives import (
    Alternative,
    AlternativeKind,
    Proposal,
    list_alternatives,
    list_proposals,
)
from appointments.queries.appointments import (
    access_appointment,
    list_upcoming,
    list_visible_appointments,
)
from appointments.queries.bundles import (
    MOST_SERVICES,
    Bundle,
    BundleQuery,
    Step,
    list_bundle,
    list_free_bundles,
)
from appointments.queries.catalogue import list_doctors, list_positions, list_services
from appointments.queries.confirming import (
    count_unconfirmed_tomorrow,
    is_eve,
    list_silent,
    list_unconfirmed,
)
from appointments.queries.day import (
    Absence,
    Column,
    Day,
    Entry,
    Held,
    get_day_stamp,
    list_day,
    list_gaps,
)
from appointments.queries.delays import Delayed, list_delayed, measure_delay
from appointments.queries.feeds import find_feed_owner, list_feed
from appointments.queries.linked import LinkedVisit, get_linked_visit
from appointments.queries.misfits import Misfit, explain_misfit, list_device_ids, list_room_ids
from appointments.queries.moves import list_free_moves, name_mover
from appointments.queries.news import list_news
from appointments.queries.notices import NoticeMark, find_reason_to_hold, read_mark
from appointments.queries.prepaying import (
    HeldMoney,
    PrepayRule,
    count_prepaid,
    find_prepay_rule,
    is_prepayment_returned,
    list_prepaid,
)
from appointments.queries.prices import Quote, quote_price
from appointments.queries.slots import (
    DaySlot,
    Fit,
    Slot,
    SlotOrder,
    SlotQuery,
    Wish,
    find_fit,
    list_free_slots,
    list_nearest_slots,
    list_slots_of_days,
)

__all__ = [
    "MOST_SERVICES",
    "Absence",
    "Alternative",
    "AlternativeKind",
    "Bundle",
    "BundleQuery",
    "Column",
    "Day",
    "DaySlot",
    "Delayed",
    "Entry",
    "Fit",
    "Held",
    "HeldMoney",
    "LinkedVisit",
    "Misfit",
    "NoticeMark",
    "PrepayRule",
    "Proposal",
    "Quote",
    "Slot",
    "SlotOrder",
    "SlotQuery",
    "Step",
    "Wish",
    "access_appointment",
    "count_prepaid",
    "count_unconfirmed_tomorrow",
    "explain_misfit",
    "find_feed_owner",
    "find_fit",
    "find_prepay_rule",
    "find_reason_to_hold",
    "get_day_stamp",
    "get_linked_visit",
    "is_eve",
    "is_prepayment_returned",
    "list_alternatives",
    "list_bundle",
    "list_day",
    "list_delayed",
    "list_device_ids",
    "list_doctors",
    "list_feed",
    "list_free_bundles",
    "list_free_moves",
    "list_free_slots",
    "list_gaps",
    "list_nearest_slots",
    "list_news",
    "list_positions",
    "list_prepaid",
    "list_proposals",
    "list_room_ids",
    "list_services",
    "list_silent",
    "list_slots_of_days",
    "list_unconfirmed",
    "list_upcoming",
    "list_visible_appointments",
    "measure_delay",
    "name_mover",
    "quote_price",
    "read_mark",
]
