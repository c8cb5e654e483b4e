from intake.actions.requests import (
    BookedForOther,
    RequestClosed,
    RequestEmpty,
    RequestKeyReused,
    RequestOrder,
    attach_patient,
    book_request,
    link_booking,
    lose_request,
    receive_request,
    reopen_request,
    take_request,
)

__all__ = [
    "BookedForOther",
    "RequestClosed",
    "RequestEmpty",
    "RequestKeyReused",
    "RequestOrder",
    "attach_patient",
    "book_request",
    "link_booking",
    "lose_request",
    "receive_request",
    "reopen_request",
    "take_request",
]
