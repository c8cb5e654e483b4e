"""What every page of online booking has in common: who asks, in which frame, in which language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from csp.constants import SELF
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic.http import address_of
from clinic.models import Branch
from online.actions import BookingShut, Visitor
from online.models import OnlineSetting
from online.queries import list_open_branches
from outbox.errors import Refused

MARKS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "yclid")
LONGEST_MARK = 150


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody on the pages: his language and the marks of the advertisement that brought him.

    Both travel in the address: in a frame on another site there are no cookies.
    """

    request: HttpRequest
    setting: OnlineSetting
    language: str
    utm: dict[str, str]
    now: datetime

    @property
    def address(self) -> str | None:
        return address_of(self.request)

    @property
    def visitor(self) -> Visitor:
        return Visitor(address=self.address)

    @property
    def trail(self) -> dict[str, str]:
        return {"lang": self.language, **self.utm}

    def link(self, name: str, *args: Any, **query: Any) -> str:
        """Return an address of this room with the trail behind it; empty values are left out."""
        told = {key: value for key, value in query.items() if value not in (None, "")}
        return f"{reverse(f'online:{name}', args=args)}?{urlencode(told | self.trail)}"

    def go(self, name: str, *args: Any, **query: Any) -> HttpResponse:
        return redirect(self.link(name, *args, **query))

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        own = {"guest": self, "languages": self._list_languages(), "setting": self.setting}
        return render(self.request, f"online/{template}.html", own | context, status=status)

    def show_refusal(self, refusal: Refused, branch: Branch | None = None) -> HttpResponse:
        """The end of a way: what happened, whom to call, where to begin again."""
        context = {
            "refusal": refusal,
            "branches": [branch] if branch else list_open_branches(),
            "again": None if isinstance(refusal, BookingShut) else self.link("start"),
        }
        return self.show("refused", context, status=refusal.status)

    def _list_languages(self) -> list[tuple[str, str, str]]:
        """Code, name and address of this page in each of the other languages."""
        told = {key: value for key, value in self.request.GET.items() if key != "lang"}
        return [
            (code, translation.get_language_info(code)["name_local"].capitalize(),
             f"{self.request.path}?{urlencode(told | {'lang': code})}")
            for code, _name in settings.LANGUAGES
            if code != self.language
        ]  # fmt: skip


GuestView = Callable[..., HttpResponse]


def for_guests(*methods: str) -> Callable[[GuestView], GuestView]:
    """Make a page of the view: it takes a `Guest` where others take a request.

    No cookie is read or set: there is no session that a forged request could use, so the pages do
    without CSRF tokens, which a frame on another site could not have. They may be framed by the
    sites that the clinic names, and by nobody else.
    """

    def decorate(view: GuestView) -> GuestView:
        @csrf_exempt
        @never_cache
        @require_http_methods(["GET", "HEAD", *methods])
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            guest = _meet(request)
            with translation.override(guest.language):
                try:
                    if not guest.setting.is_open:
                        raise BookingShut
                    response = view(guest, *args, **kwargs)
                except Refused as refusal:
                    response = guest.show_refusal(refusal)
            return let_frame(response, guest.setting)

        return page

    return decorate


def let_frame(response: HttpResponse, setting: OnlineSetting) -> HttpResponse:
    response.xframe_options_exempt = True
    response._csp_replace = {"frame-ancestors": [SELF, *setting.origins]}  # type: ignore[attr-defined]  # noqa: SLF001  # what csp_replace sets, for a list known only now
    return response


def _meet(request: HttpRequest) -> Guest:
    asked = request.GET.get("lang", "")
    known = {code for code, _name in settings.LANGUAGES}
    marks = {name: _clean(request.GET.get(name, "")) for name in MARKS}
    return Guest(
        request=request,
        setting=OnlineSetting.load(),
        language=asked if asked in known else translation.get_language() or "ru",
        utm={name: mark for name, mark in marks.items() if mark},
        now=timezone.now(),
    )


def _clean(mark: str) -> str:
    return "".join(letter for letter in mark if letter.isprintable())[:LONGEST_MARK]
