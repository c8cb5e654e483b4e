from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Aggregate, Count, DurationField, F, Q, QuerySet
from django.http import Http404

from clinic.models import Role, User
from intake.models import Request, RequestStatus
from patients.models import ContactKind, ContactPoint, Patient

OPEN = (RequestStatus.NEW, RequestStatus.IN_WORK)
STATES: dict[str, tuple[str, ...]] = {
    "open": OPEN,
    **{status.value: (status.value,) for status in RequestStatus},
    "all": tuple(RequestStatus.values),
}
"""What the list can be narrowed to."""
ANSWER_WITHIN = timedelta(minutes=15)
"""A new request that waits longer is shown as late."""
LOOK_BACK = timedelta(days=30)
"""Over which the figures above the list are counted."""
RECEPTION = (Role.ADMINISTRATOR, Role.MANAGER)


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, kw_only=True)
class RequestFilter:
    """`state` is a key of `STATES`, `text` a part of the name or of the phone.

    With a branch also those count that name none: somebody must answer them.
    """

    branch_id: int | None = None
    state: str = "open"
    kind: str = ""
    source_id: int | None = None
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """A request in the list. `known` are the patients who can be reached at its phone."""

    request: Request
    known: Sequence[Patient]
    waits: timedelta | None
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class RequestFigures:
    """How reception answers: now, and over the last `LOOK_BACK`."""

    new: int
    in_work: int
    received: int
    booked: int
    lost: int
    first_answer: timedelta | None


def access_request(*, actor: User, request_id: int) -> Request:
    """Find the request. Raises `Http404`, `PermissionDenied` for whoever is not of reception."""
    request = (
        Request.objects.select_related("patient", "branch", "source", "service", "taken_by")
        .filter(pk=request_id)
        .first()
    )
    if request is None or not (actor.role or actor.is_superuser):
        raise Http404
    if actor.role not in RECEPTION and not actor.is_superuser:
        raise PermissionDenied
    return request


def list_requests(*, wanted: RequestFilter) -> QuerySet[Request]:
    """Return the requests: unanswered ones first, the longest waiting on top."""
    requests = _in_branch(wanted.branch_id).filter(status__in=STATES[wanted.state])
    if wanted.kind:
        requests = requests.filter(kind=wanted.kind)
    if wanted.source_id:
        requests = requests.filter(source=wanted.source_id)
    if wanted.reason:
        requests = requests.filter(loss_reason=wanted.reason)
    if wanted.text:
        requests = requests.filter(_mentions(wanted.text))
    is_waiting = wanted.state in {"open", *OPEN}
    order = (
        [F("answered_at").asc(nulls_first=True), "created_at", "id"]
        if is_waiting
        else ["-created_at", "-id"]
    )
    return requests.select_related(
        "patient", "source", "service", "branch", "taken_by__employee", "appointment"
    ).order_by(*order)


def _in_branch(branch_id: int | None) -> QuerySet[Request]:
    if branch_id is None:
        return Request.objects.all()
    return Request.objects.filter(Q(branch=branch_id) | Q(branch=None))


def _mentions(text: str) -> Q:
    digits = "".join(filter(str.isdigit, text))
    found = Q(name__icontains=text.strip())
    if len(digits) < 3:
        return found
    return found | Q(phone__contains=digits) | Q(phone__startswith=f"+7{digits.removeprefix('8')}")


def describe_requests(requests: Iterable[Request], *, now: datetime) -> list[RequestLine]:
    """Add to each whose phone it is and how long the person has been waiting; one statement."""
    rows = list(requests)
    owners = find_owners(row.phone for row in rows if row.phone and row.patient_id is None)
    return [
        RequestLine(
            request=row,
            known=[row.patient] if row.patient else owners.get(row.phone, ()),
            waits=now - row.created_at if row.status == RequestStatus.NEW else None,
            is_late=row.status == RequestStatus.NEW and now - row.created_at > ANSWER_WITHIN,
        )
        for row in rows
    ]


def find_owners(phones: Iterable[str]) -> dict[str, list[Patient]]:
    """Return everybody who can be reached at each phone (E.164): a family has one for all."""
    owners: dict[str, list[Patient]] = defaultdict(list)
    contacts = ContactPoint.objects.filter(kind=ContactKind.PHONE, value__in=set(phones))
    for contact in contacts.select_related("patient").order_by("patient__birth_on", "patient_id"):
        owners[contact.value].append(contact.patient)
    return owners


def count_requests(*, branch_id: int | None, now: datetime) -> RequestFigures:
    """Count what waits now and, over the last month, what came of the requests received in it."""
    recent = Q(created_at__gt=now - LOOK_BACK)
    figures = (
        _in_branch(branch_id)
        .filter(recent | Q(status__in=OPEN))
        .aggregate(
            new=Count("id", filter=Q(status=RequestStatus.NEW)),
            in_work=Count("id", filter=Q(status=RequestStatus.IN_WORK)),
            received=Count("id", filter=recent),
            booked=Count("id", filter=recent & Q(status=RequestStatus.BOOKED)),
            lost=Count("id", filter=recent & Q(status=RequestStatus.LOST)),
            first_answer=Median(F("answered_at") - F("created_at"), filter=recent),
        )
    )
    return RequestFigures(**figures)
