from waitlist.queries.candidates import (
    CLOCK,
    LEAST_AHEAD,
    Wanted,
    find_free_now,
    find_slot,
    list_candidates,
    soonest_start,
    suits,
)
from waitlist.queries.entries import (
    EntryFilter,
    Overview,
    access_entry,
    access_offer,
    filter_entries,
    get_overview,
    list_entries,
    list_open_of_patient,
    list_pending_offers,
)
from waitlist.queries.openings import Turn, access_opening, list_open_openings, list_turns
from waitlist.queries.ranking import Ranked, rank

__all__ = [
    "CLOCK",
    "LEAST_AHEAD",
    "EntryFilter",
    "Overview",
    "Ranked",
    "Turn",
    "Wanted",
    "access_entry",
    "access_offer",
    "access_opening",
    "filter_entries",
    "find_free_now",
    "find_slot",
    "get_overview",
    "list_candidates",
    "list_entries",
    "list_open_of_patient",
    "list_open_openings",
    "list_pending_offers",
    "list_turns",
    "rank",
    "soonest_start",
    "suits",
]
