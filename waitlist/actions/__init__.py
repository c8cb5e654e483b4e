from waitlist.actions.accepting import accept_offer, take_free_slot
from waitlist.actions.closing import (
    OfferOver,
    call_off_unsent,
    close_offer_next,
    decline_offer,
)
from waitlist.actions.entries import (
    AlreadyWaiting,
    NotOnList,
    TermOver,
    WaitOrder,
    WaitTerms,
    WrongTimes,
    WrongVisit,
    change_entry,
    end_by_booking,
    expire_entry_next,
    follow_cancelled,
    join_waitlist,
    resume_entry,
    withdraw_entry,
)
from waitlist.actions.offering import find_decent_moment, offer_next
from waitlist.actions.openings import free_cancelled, free_left, free_returned, free_shift

__all__ = [
    "AlreadyWaiting",
    "NotOnList",
    "OfferOver",
    "TermOver",
    "WaitOrder",
    "WaitTerms",
    "WrongTimes",
    "WrongVisit",
    "accept_offer",
    "call_off_unsent",
    "change_entry",
    "close_offer_next",
    "decline_offer",
    "end_by_booking",
    "expire_entry_next",
    "find_decent_moment",
    "follow_cancelled",
    "free_cancelled",
    "free_left",
    "free_returned",
    "free_shift",
    "join_waitlist",
    "offer_next",
    "resume_entry",
    "take_free_slot",
    "withdraw_entry",
]
