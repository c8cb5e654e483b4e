from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.http import StaffRequest
from clinic.toasts import toast
from messaging.actions import resume_channel
from messaging.forms import PERIODS, MessageFilterForm
from messaging.queries import (
    MessageFigures,
    MessageFilter,
    access_message,
    count_messages,
    describe_for,
    list_messages,
    list_pauses,
)
from patients.models import Channel
from patients.queries import sees_contacts

PAGE_SIZE = 30


@require_safe
def messages(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    filters = MessageFilterForm(request.GET)
    wanted = replace(_read_filter(filters, now=now), by_part_of_phone=sees_contacts(request.user))
    page = Paginator(list_messages(wanted=wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    template = "messaging/messages.html#rows" if request.htmx else "messaging/messages.html"
    context = {
        "filters": filters,
        "page": page,
        "lines": [describe_for(row, reader=request.user) for row in page.object_list],
        "tiles": _list_tiles(count_messages(now=now), wanted),
        "pauses": list_pauses(),
        "is_narrowed": bool(request.GET.keys() - {"page"}),
    }
    return render(request, template, context)


@require_safe
def message(request: StaffRequest, message_id: int) -> HttpResponse:
    found = access_message(actor=request.user, message_id=message_id)
    line = describe_for(found, reader=request.user)
    return render(request, "messaging/message.html", {"line": line})


@require_POST
def channel_resume(request: StaffRequest, channel: str) -> HttpResponse:
    """The money is paid or the password put right: send at once."""
    if channel not in Channel.values:
        raise Http404
    if resume_channel(channel=Channel(channel), actor_id=request.user.pk, now=timezone.now()):
        toast(request, _("The messages that waited go out now."))
    return redirect("messaging:messages")


@dataclass(frozen=True)
class Tile:
    """A figure above the list that opens its rows."""

    figure: int
    label: str
    icon: str
    tone: str
    state: str
    is_current: bool = False

    @property
    def href(self) -> str:
        return f"?state={self.state}"


def _list_tiles(figures: MessageFigures, wanted: MessageFilter) -> list[Tile]:
    tiles = [
        Tile(figures.waiting, _("waiting"), "clock", "info", "waiting"),
        Tile(figures.sent, _("sent in 7 days"), "checks", "success", "sent"),
        Tile(figures.not_sent, _("not sent in 7 days"), "ban", "warning", "not_sent"),
        Tile(figures.unknown, _("outcome unknown"), "help-circle", "violet", "unknown"),
    ]
    return [replace(tile, is_current=tile.state == wanted.state) for tile in tiles]


def _read_filter(form: MessageFilterForm, *, now: datetime) -> MessageFilter:
    form.full_clean()
    told = form.cleaned_data
    return MessageFilter(
        text=told.get("text", ""),
        state=told.get("state", ""),
        kind=told.get("kind", ""),
        channel=told.get("channel", ""),
        patient_id=told.get("patient"),
        since=now - timedelta(days=PERIODS[told.get("days") or "7"]),
    )
