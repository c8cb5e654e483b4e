from dataclasses import dataclass
from datetime import date, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from clinic.days import read_day, today_at
from clinic.http import StaffRequest
from desk.queries.board import SIGNS, Board, get_board, get_board_stamp

FORMS = ("grid", "list")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the address asks for: the day, all doctors or the working ones, a filter, a form."""

    on: date
    today: date
    everybody: bool
    show: str
    form: str

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @property
    def previous(self) -> str:
        return (self.on - timedelta(days=1)).isoformat()

    @property
    def following(self) -> str:
        return (self.on + timedelta(days=1)).isoformat()


@require_safe
def show_board(request: StaffRequest) -> HttpResponse:
    """The home of reception. htmx asks for the list of the day alone."""
    choice = read_choice(request)
    board = read_board(request, choice)
    shown = [card for card in board.cards if not choice.show or choice.show in card.codes]
    context = {"board": board, "choice": choice, "shown": shown, "feed": board.as_json()}
    template = "desk/board/page.html"
    return render(request, f"{template}#list" if request.htmx else template, context)


@require_safe
def feed(request: StaffRequest) -> HttpResponseBase:
    """The day as JSON, or 304 when nothing has changed since the version that the page has."""
    choice = read_choice(request)
    now = timezone.now()
    stamp = get_board_stamp(
        branch=request.branch, on=choice.on, everybody=choice.everybody, now=now
    )
    etag = quote_etag(stamp)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        unchanged["ETag"] = etag
        return unchanged
    # Read before the day: what changes meanwhile makes the next answer differ.
    response = JsonResponse(read_board(request, choice).as_json(), encoder=DjangoJSONEncoder)
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def read_choice(request: StaffRequest) -> Choice:
    today = today_at(request.branch, now=timezone.now())
    show, form = request.GET.get("show", ""), request.GET.get("view", "")
    return Choice(
        on=read_day(request.GET.get("on", "")) or today,
        today=today,
        everybody=request.GET.get("all") == "1",
        show=show if show in {sign.code for sign in SIGNS} else "",
        form=form if form in FORMS else FORMS[0],
    )


def read_board(request: StaffRequest, choice: Choice) -> Board:
    return get_board(
        branch=request.branch, on=choice.on, everybody=choice.everybody, now=timezone.now()
    )
