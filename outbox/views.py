from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from outbox.actions import NotDead, retry_dead_deliveries, retry_delivery
from outbox.models import Delivery
from outbox.queries import STATES, count_deliveries, list_deliveries

PAGE_SIZE = 30


@dataclass(frozen=True)
class Tile:
    """A figure above the list that opens its rows."""

    state: str
    figure: int
    label: str
    icon: str
    tone: str
    is_current: bool


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Events on their way to those who react, above all those that need a person."""
    state = request.GET.get("state", "dead")
    state = state if state in STATES else "dead"
    figures = count_deliveries()
    rows = (
        ("dead", figures.dead, _("given up"), "alert-triangle", "danger"),
        ("trying", figures.trying, _("failing, tried again"), "refresh", "warning"),
        ("waiting", figures.waiting, _("in the queue"), "clock", "neutral"),
    )
    context = {
        "state": state,
        "tiles": [Tile(*row, row[0] == state) for row in rows],
        "page": Paginator(list_deliveries(state=state), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "outbox/deliveries.html", context)


@require_POST
def delivery_retry(request: HttpRequest, delivery_id: int) -> HttpResponse:
    get_object_or_404(Delivery, pk=delivery_id)
    try:
        retry_delivery(delivery_id=delivery_id, now=timezone.now())
    except NotDead as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is being delivered again."))
    return redirect("outbox:deliveries")


@require_POST
def deliveries_retry(request: HttpRequest) -> HttpResponse:
    count = retry_dead_deliveries(now=timezone.now())
    text = ngettext("%(n)s delivery is tried again.", "%(n)s deliveries are tried again.", count)
    messages.success(request, text % {"n": count})
    return redirect("outbox:deliveries")
