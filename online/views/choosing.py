"""From the branch to the time: plain links and addresses that can be sent to somebody."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.utils.dateparse import parse_datetime

from appointments.actions import NotFree, SlotInPast
from clinic.days import LATEST, read_day, today_at
from clinic.http import read_number
from clinic.models import Branch, Service
from online.actions import Choice, NotOffered, choose_time
from online.queries import (
    DAYS_AT_ONCE,
    Doctor,
    find_doctor,
    find_next_day,
    find_open_branch,
    find_service,
    get_price,
    list_days,
    list_doctors,
    list_offers,
    list_open_branches,
)
from online.views.guests import Guest, for_guests
from outbox.errors import Refused

GONE = (NotFree, SlotInPast, NotOffered)
"""The time cannot be had: the page is shown again with other times."""


@for_guests()
def start(guest: Guest) -> HttpResponse:
    """Where to. A clinic with one branch has nothing to ask."""
    branches = list_open_branches()
    if len(branches) == 1:
        return guest.go("branch", branches[0].pk)
    cards = [(branch, guest.link("branch", branch.pk)) for branch in branches]
    return guest.show("start", {"cards": cards})


@for_guests()
def branch(guest: Guest, branch_id: int) -> HttpResponse:
    """What for, or to whom."""
    where = get_branch(branch_id)
    by_doctor = guest.request.GET.get("by") == "doctor"
    context: dict[str, Any] = {
        "branch": where,
        "by_doctor": by_doctor,
        "to_services": guest.link("branch", where.pk),
        "to_doctors": guest.link("branch", where.pk, by="doctor"),
        "back": guest.link("start") if len(list_open_branches()) > 1 else "",
    }
    if by_doctor:
        context["doctors"] = [
            (doctor, guest.link("doctor", where.pk, doctor.employee.pk))
            for doctor in list_doctors(branch=where, now=guest.now)
        ]
    else:
        context["offers"] = [
            (offer, guest.link("times", where.pk, service=offer.service.pk))
            for offer in list_offers(branch=where)
        ]
    return guest.show("branch", context)


@for_guests()
def doctor(guest: Guest, branch_id: int, employee_id: int) -> HttpResponse:
    """What for, once the doctor is chosen."""
    where = get_branch(branch_id)
    found = find_doctor(branch=where, employee_id=employee_id)
    if found is None:
        raise Http404
    offers = [
        (offer, guest.link("times", where.pk, service=offer.service.pk, doctor=employee_id))
        for offer in list_offers(branch=where, employee=found.employee)
    ]
    if len(offers) == 1:
        return guest.go("times", where.pk, service=offers[0][0].service.pk, doctor=employee_id)
    back = guest.link("branch", where.pk, by="doctor")
    return guest.show("doctor", {"branch": where, "doctor": found, "offers": offers, "back": back})


@for_guests("POST")
def times(guest: Guest, branch_id: int) -> HttpResponse:
    """When. Choosing a time holds it and begins an attempt."""
    where = get_branch(branch_id)
    service, who = read_wanted(guest.request.GET, where)
    if guest.request.method != "POST":
        return show_times(guest, where, service, who)
    choice = read_slot(guest, where, service)
    try:
        if choice is None:
            raise NotOffered
        _attempt, token = choose_time(choice=choice, visitor=guest.visitor, now=guest.now)
    except GONE as refusal:
        return show_times(guest, where, service, who, refusal=refusal)
    return guest.go("person", token)


def show_times(
    guest: Guest,
    where: Branch,
    service: Service,
    who: Doctor | None,
    *,
    refusal: Refused | None = None,
    back: str = "",
) -> HttpResponse:
    """The free times of a week, and where the next ones are."""
    employee_id = who.employee.pk if who else None
    today = today_at(where, now=guest.now)
    from_on = max(read_day(guest.request.GET.get("from", "")) or today, today)
    days = list_days(
        branch=where, service=service, employee_id=employee_id, from_on=from_on, now=guest.now
    )
    next_on = _find_next(guest, where, service, employee_id, from_on)
    query = {"service": service.pk, "doctor": employee_id}
    earlier = max(from_on - timedelta(days=DAYS_AT_ONCE), today)
    path = guest.request.path
    context = {
        "branch": where,
        "service": service,
        "doctor": who,
        "price": get_price(service=service, employee_id=employee_id) if employee_id else None,
        "days": days,
        "is_elsewhere": any(other.time_zone != where.time_zone for other in list_open_branches()),
        "refusal": refusal,
        "later": _page(guest, path, query, next_on),
        "earlier": _page(guest, path, query, earlier if from_on > today else None),
        "wish": guest.link("wish", where.pk, service=service.pk),
        "back": back or guest.link("branch", where.pk, by="doctor" if who else ""),
    }
    return guest.show("times", context, status=409 if refusal else 200)


def _find_next(
    guest: Guest, where: Branch, service: Service, employee_id: int | None, from_on: date
) -> date | None:
    """Return the first day with a free time after the week that begins on that day."""
    after_on = from_on + timedelta(days=DAYS_AT_ONCE)
    if after_on >= LATEST:
        return None
    return find_next_day(
        branch=where, service=service, employee_id=employee_id, after_on=after_on, now=guest.now
    )


def _page(guest: Guest, path: str, query: dict[str, Any], on: date | None) -> str:
    """Return the address of the week from that day on, "" for none."""
    if on is None:
        return ""
    told = QueryDict(mutable=True)
    told.update({key: str(value) for key, value in query.items() if value is not None})
    told.update({"from": on.isoformat(), **guest.trail})
    return f"{path}?{told.urlencode()}"


def get_branch(branch_id: int) -> Branch:
    found = find_open_branch(branch_id)
    if found is None:
        raise Http404
    return found


def read_wanted(asked: QueryDict, where: Branch) -> tuple[Service, Doctor | None]:
    """Return the service, and the doctor if one is wanted. 404 for what is not offered."""
    service_id, employee_id = (read_number(asked.get(name, "")) for name in ("service", "doctor"))
    service = find_service(branch=where, service_id=service_id or 0)
    if service is None:
        raise Http404
    if employee_id is None:
        return service, None
    who = find_doctor(branch=where, employee_id=employee_id, service=service)
    if who is None:
        raise Http404
    return service, who


def read_slot(guest: Guest, where: Branch, service: Service) -> Choice | None:
    """Return the time that was pressed: `<employee>@<moment with its offset>`."""
    who, _at, moment = guest.request.POST.get("slot", "").partition("@")
    employee_id, starts_at = read_number(who), _read_moment(moment)
    if employee_id is None or starts_at is None:
        return None
    return Choice(
        branch_id=where.pk,
        service_id=service.pk,
        employee_id=employee_id,
        starts_at=starts_at,
        language=guest.language,
        utm=guest.utm,
    )


def _read_moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not 2000 < moment.year < LATEST.year:
        return None
    return moment
