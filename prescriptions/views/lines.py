"""One line of a course: its sessions, booking the missing ones, taking it over, dropping it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from appointments.actions import NotFree
from appointments.models import Appointment
from appointments.queries import Slot
from clinic.days import today_at
from clinic.formats import format_clock, format_day, format_moment
from clinic.http import StaffRequest, close_dialog, read_number
from clinic.models import Branch, Employee
from clinic.toasts import toast
from outbox.errors import Refused
from prescriptions.actions import book_sessions, drop_line, hand_over_line, reopen_line
from prescriptions.forms import ChainForm, DropForm, WishForm, read_slots, write_slot
from prescriptions.models import PrescriptionLine
from prescriptions.queries import (
    CLOSED,
    ChainWish,
    CountedLine,
    Link,
    Specialist,
    access_line,
    is_overdue,
    list_specialists,
    propose_chain,
)
from prescriptions.views.courses import list_steps

CHANGED = "courses-changed"
USUAL_CLOCK = time(10)


@dataclass(frozen=True)
class Choice:
    """A time that a session can have: `value` travels, the rest is read."""

    value: str
    text: str


@dataclass(frozen=True)
class Proposal:
    """A missing session with the time proposed and others to choose from."""

    link: Link
    day: date
    choices: tuple[Choice, ...]


@require_safe
def line(request: StaffRequest, line_id: int) -> HttpResponse:
    now = timezone.now()
    found = access_line(actor=request.user, line_id=line_id)
    wish = _read_wish(request, found, now=now)
    kept = _read_kept(request, found)
    return _show(request, found, wish, kept=kept, now=now)


@require_POST
def line_book(request: StaffRequest, line_id: int) -> HttpResponse:
    """Book the times chosen, all or none."""
    now = timezone.now()
    found = access_line(actor=request.user, line_id=line_id)
    form = ChainForm(request.POST)
    skipped = set(request.POST.getlist("skip"))
    chosen = [text for text in request.POST.getlist("slot") if text not in skipped]
    slots = read_slots(chosen, line=found)
    wish = _read_wish(request, found, now=now)
    if not form.is_valid() or not slots:
        return _show(request, found, wish, error=_("Choose at least one time."), now=now)
    try:
        booked = book_sessions(
            line_id=line_id,
            orders=form.orders(slots, line=found),
            actor_id=request.user.pk,
            now=now,
        )
    except NotFree as refusal:
        return _show(request, found, wish, error=_explain(refusal, found), now=now)
    except Refused as refusal:
        return _show(request, found, wish, error=str(refusal), now=now)
    said = ngettext("%(n)d session is booked.", "%(n)d sessions are booked.", len(booked))
    toast(request, said % {"n": len(booked)})
    address = reverse("prescriptions:line", args=[line_id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@require_POST
def line_take(request: StaffRequest, line_id: int) -> HttpResponse:
    """The specialist takes the line over; reception hands it to nobody by name."""
    access_line(actor=request.user, line_id=line_id)
    me = Employee.objects.filter(user=request.user, services__isnull=False).first()
    try:
        hand_over_line(
            line_id=line_id,
            specialist_id=me.pk if me else None,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
    return close_dialog(CHANGED)


@require_http_methods(["GET", "HEAD", "POST"])
def line_drop(request: StaffRequest, line_id: int) -> HttpResponse:
    found = access_line(actor=request.user, line_id=line_id)
    form = DropForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            drop_line(
                line_id=line_id,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            undo = reverse("prescriptions:line_reopen", args=[line_id])
            toast(request, _("This part of the course is dropped."), undo=undo)
            return close_dialog(CHANGED)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "line": found}
    return render(request, "prescriptions/line_drop.html", context, status=status)


@require_POST
def line_reopen(request: StaffRequest, line_id: int) -> HttpResponse:
    access_line(actor=request.user, line_id=line_id)
    reopen_line(line_id=line_id, actor_id=request.user.pk, now=timezone.now())
    toast(request, _("The course goes on. Sessions that were cancelled are to be booked again."))
    return close_dialog(CHANGED)


def _show(
    request: StaffRequest,
    found: CountedLine,
    wish: ChainWish,
    *,
    now: datetime,
    kept: list[Slot] | None = None,
    error: str = "",
) -> HttpResponse:
    branch = found.prescription.branch
    specialists = list_specialists(branch_id=branch.pk, service_ids=[found.service_id])
    is_open = found.status not in CLOSED and found.missing > 0
    links = propose_chain(line=found, wish=wish, kept=kept or (), now=now) if is_open else []
    names = {specialist.id: specialist.name for specialist in specialists}
    context = {
        "line": found,
        "branch": branch,
        "steps": list_steps(found),
        "is_overdue": is_overdue(found, now=now),
        "is_open": is_open,
        "can_take": found.handed_over_at is None and found.status not in CLOSED,
        "sessions": _list_sessions(found),
        "proposals": [_to_proposal(link, branch, names) for link in links],
        "without_time": found.missing - len(links),
        "wish_form": _to_form(wish, specialists),
        "chain_form": ChainForm(),
        "error": error,
    }
    is_chain_alone = request.htmx.target == "chain"
    template = "prescriptions/line.html" + ("#chain" if is_chain_alone else "")
    status = HTTPStatus.CONFLICT if error else HTTPStatus.OK
    return render(request, template, context, status=status)


def _list_sessions(found: PrescriptionLine) -> list[Appointment]:
    booked = Appointment.objects.filter(pk__in=found.booked.values("appointment"))
    return list(booked.select_related("employee", "branch").order_by("starts_at"))


def _to_proposal(link: Link, branch: Branch, names: dict[int, str]) -> Proposal:
    slots = sorted([link.slot, *link.others], key=lambda slot: (slot.starts_at, slot.employee_id))
    day = link.slot.starts_at.astimezone(branch.zone).date()
    chosen = write_slot(link.slot)
    choices = sorted(
        (Choice(write_slot(slot), _write(slot, branch, names)) for slot in slots),
        key=lambda choice: choice.value != chosen,
    )
    return Proposal(link=link, day=day, choices=tuple(choices))


def _write(slot: Slot, branch: Branch, names: dict[int, str]) -> str:
    moment = format_moment(slot.starts_at, branch.zone)
    return f"{moment} · {names.get(slot.employee_id, '')}"


def _read_wish(request: StaffRequest, found: CountedLine, *, now: datetime) -> ChainWish:
    """Return what the page asks for; at first, the usual time of the patient's last session."""
    zone = found.prescription.branch.zone
    last_at = found.last_at.astimezone(zone) if found.last_at else None
    usual = ChainWish(
        from_on=today_at(found.prescription.branch, now=now),
        clock=time(last_at.hour, last_at.minute) if last_at else USUAL_CLOCK,
        employee_id=found.specialist_id,
    )
    told = request.POST if request.method == "POST" else request.GET
    if "from_on" not in told:
        return usual
    specialists = list_specialists(
        branch_id=found.prescription.branch_id, service_ids=[found.service_id]
    )
    form = WishForm(told, specialists=specialists)
    return form.wish() if form.is_valid() else usual


def _to_form(wish: ChainWish, specialists: list[Specialist]) -> WishForm:
    initial = {"from_on": wish.from_on, "clock": wish.clock, "specialist": wish.employee_id}
    return WishForm(initial=initial, specialists=specialists)


def _read_kept(request: StaffRequest, found: PrescriptionLine) -> list[Slot]:
    """Return the times up to the one just changed: what follows it is proposed anew."""
    changed = read_number(request.GET.get("changed", ""))
    values = request.GET.getlist("slot")
    return [] if changed is None else read_slots(values[:changed], line=found)


def _explain(refusal: NotFree, found: PrescriptionLine) -> str:
    starts_at = datetime.fromisoformat(str(refusal.details["starts_at"]))
    zone = found.prescription.branch.zone
    local = starts_at.astimezone(zone)
    when = f"{format_day(local.date())}, {format_clock(local, zone)}"
    return _("%(when)s: %(why)s Nothing is booked yet; other times are proposed below.") % {
        "when": when,
        "why": str(refusal),
    }
