from dataclasses import dataclass, replace
from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.formats import format_duration, format_share
from clinic.http import StaffRequest, close_dialog, read_number
from clinic.toasts import toast
from intake.actions import (
    attach_patient,
    lose_request,
    receive_request,
    reopen_request,
    take_request,
)
from intake.forms import LossForm, RequestFilterForm, RequestForm
from intake.models import Request, RequestStatus
from intake.queries import (
    RequestFigures,
    RequestFilter,
    access_request,
    count_requests,
    describe_requests,
    find_owners,
    list_requests,
)
from outbox.errors import Refused
from patients.doors import note_shown
from patients.models import Patient
from patients.phones import WrongPhone, normalise_phone
from patients.queries import access_patient

PAGE_SIZE = 30
CHANGED = "requests-changed"
NOBODY = 0


@require_safe
def requests(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    filters = RequestFilterForm(request.GET)
    wanted = _read_filter(filters, branch_id=request.branch.pk)
    page = Paginator(list_requests(wanted=wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    template = "intake/requests.html#rows" if request.htmx else "intake/requests.html"
    context = {
        "filters": filters,
        "page": page,
        "lines": describe_requests(page.object_list, now=now),
        "tiles": _list_tiles(count_requests(branch_id=request.branch.pk, now=now), wanted),
        "is_narrowed": wanted != RequestFilter(branch_id=wanted.branch_id),
    }
    return render(request, template, context)


@dataclass(frozen=True)
class Tile:
    """A figure above the list; those that name a `state` open its rows."""

    figure: int | str
    label: str
    icon: str
    tone: str = "neutral"
    note: str = ""
    state: str = ""
    is_current: bool = False

    @property
    def href(self) -> str:
        return f"?state={self.state}" if self.state else ""


def _list_tiles(figures: RequestFigures, wanted: RequestFilter) -> list[Tile]:
    month = _("in 30 days")
    wait = figures.first_answer
    tiles = [
        Tile(
            *(figures.new, _("waiting for an answer"), "inbox"),
            *("warning" if figures.new else "success", "", RequestStatus.NEW),
        ),
        Tile(figures.in_work, _("in work"), "headset", "info", "", RequestStatus.IN_WORK),
        Tile(
            *("—" if wait is None else format_duration(wait), _("usual wait for an answer")),
            *("clock", "neutral", month),
        ),
        Tile(
            *(figures.booked, _("have booked"), "calendar-check", "success"),
            *(_out_of(figures.booked, figures.received), RequestStatus.BOOKED),
        ),
        Tile(
            *(figures.lost, _("lost"), "trending-down", "danger"),
            *(_out_of(figures.lost, figures.received), RequestStatus.LOST),
        ),
    ]
    return [
        replace(tile, is_current=bool(tile.state) and tile.state == wanted.state) for tile in tiles
    ]


def _out_of(part: int, whole: int) -> str:
    share = format_share(part, whole)
    return _("%(share)s in 30 days") % {"share": share}


def _read_filter(form: RequestFilterForm, *, branch_id: int) -> RequestFilter:
    form.full_clean()
    told = form.cleaned_data
    source = told.get("source")
    return RequestFilter(
        branch_id=branch_id,
        state=told.get("state") or "open",
        kind=told.get("kind", ""),
        source_id=source.pk if source else None,
        reason=told.get("reason", ""),
        text=told.get("text", ""),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: StaffRequest) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    form = RequestForm(typed, initial={"phone": request.GET.get("phone", "")})
    if not form.is_valid():
        return _show_new(request, form)
    try:
        received = receive_request(
            order=form.order(request.branch), actor_id=request.user.pk, now=timezone.now()
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _show_new(request, form)
    if "book" in request.POST:
        return redirect(_booking_address(received))
    toast(request, _("The request is written down."))
    return close_dialog(CHANGED)


def _show_new(request: StaffRequest, form: RequestForm) -> HttpResponse:
    owners = _read_owners(request, form["phone"].value() or "")
    chosen = read_number(str(form["patient"].value() or ""))
    context = {"form": form, "owners": owners, "chosen": chosen or _only(owners)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "intake/request_new.html", context, status=status)


@require_safe
def request_match(request: StaffRequest) -> HttpResponse:
    """Everybody who can be reached at the number that is being typed."""
    owners = _read_owners(request, request.GET.get("phone", ""))
    context = {"owners": owners, "chosen": _only(owners)}
    return render(request, "intake/request_new.html#owners", context)


def _only(owners: list[Patient]) -> int | None:
    """A number of one patient is most likely that patient; a family's says nothing."""
    return owners[0].pk if len(owners) == 1 else None


def _read_owners(request: StaffRequest, text: str) -> list[Patient]:
    """Return whose number it is; that they were shown is written to the journal."""
    try:
        phone = normalise_phone(text)
    except WrongPhone:
        return []
    owners = find_owners([phone]).get(phone, [])
    shown = [patient.pk for patient in owners]
    note_shown(request, patient_ids=shown, actor=request.user, now=timezone.now())
    return owners


@require_POST
def request_take(request: StaffRequest, request_id: int) -> HttpResponse:
    access_request(actor=request.user, request_id=request_id)
    try:
        take_request(request_id=request_id, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        return _refuse(request, refusal)
    return close_dialog(CHANGED)


@require_POST
def request_patient(request: StaffRequest, request_id: int) -> HttpResponse:
    """One of the family was recognised (`patient`), or nobody (empty)."""
    access_request(actor=request.user, request_id=request_id)
    patient = None
    if told := request.POST.get("patient", ""):
        patient = access_patient(actor=request.user, patient_id=read_number(told) or NOBODY)
    try:
        attach_patient(
            request_id=request_id,
            patient_id=patient.pk if patient else None,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
    except Refused as refusal:
        return _refuse(request, refusal)
    return close_dialog(CHANGED)


@require_http_methods(["GET", "HEAD", "POST"])
def request_lose(request: StaffRequest, request_id: int) -> HttpResponse:
    asked = access_request(actor=request.user, request_id=request_id)
    form = LossForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            lose_request(
                request_id=request_id,
                reason=form.cleaned_data["reason"],
                comment=form.cleaned_data["comment"],
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            undo = reverse("intake:request_reopen", args=[request_id])
            toast(request, _("The request is closed as lost."), undo=undo)
            return close_dialog(CHANGED)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "asked": asked}
    return render(request, "intake/request_lose.html", context, status=status)


@require_POST
def request_reopen(request: StaffRequest, request_id: int) -> HttpResponse:
    access_request(actor=request.user, request_id=request_id)
    try:
        reopen_request(request_id=request_id, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        return _refuse(request, refusal)
    return close_dialog(CHANGED)


@require_safe
def request_book(request: StaffRequest, request_id: int) -> HttpResponse:
    asked = access_request(actor=request.user, request_id=request_id)
    return redirect(_booking_address(asked))


def _booking_address(asked: Request) -> str:
    """The booking dialog knows who asked and what for; the booking then closes the request."""
    return f"{reverse('desk:booking')}?request={asked.pk}"


def _refuse(request: StaffRequest, refusal: Refused) -> HttpResponse:
    toast(request, refusal.text, level=messages.ERROR)
    return close_dialog(CHANGED)
