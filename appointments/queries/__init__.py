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
from appointments.queries.catalogue import list_doctors, list_services
from appointments.queries.day import (
    Absence,
    Column,
    Day,
    Entry,
    Held,
    list_day,
    list_gaps,
)
from appointments.queries.misfits import Misfit, explain_misfit, list_device_ids, list_room_ids
from appointments.queries.prices import Quote, quote_price
from appointments.queries.slots import (
    Fit,
    Slot,
    SlotQuery,
    Wish,
    find_fit,
    list_alternatives,
    list_free_slots,
    list_nearest_slots,
)

__all__ = [
    "MOST_SERVICES",
    "Absence",
    "Bundle",
    "BundleQuery",
    "Column",
    "Day",
    "Entry",
    "Fit",
    "Held",
    "Misfit",
    "Quote",
    "Slot",
    "SlotQuery",
    "Step",
    "Wish",
    "access_appointment",
    "explain_misfit",
    "find_fit",
    "list_alternatives",
    "list_bundle",
    "list_day",
    "list_device_ids",
    "list_doctors",
    "list_free_bundles",
    "list_free_slots",
    "list_gaps",
    "list_nearest_slots",
    "list_room_ids",
    "list_services",
    "list_upcoming",
    "list_visible_appointments",
    "quote_price",
]
