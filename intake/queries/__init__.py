from intake.queries.requests import (
    ANSWER_WITHIN,
    STATES,
    RequestFigures,
    RequestFilter,
    RequestLine,
    access_request,
    count_requests,
    describe_requests,
    find_owners,
    list_requests,
)

__all__ = [
    "ANSWER_WITHIN",
    "STATES",
    "RequestFigures",
    "RequestFilter",
    "RequestLine",
    "access_request",
    "count_requests",
    "describe_requests",
    "find_owners",
    "list_requests",
]
