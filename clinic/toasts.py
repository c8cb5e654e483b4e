"""Short notes in the corner of the page, of which some can be taken back.

`toast(request, _("Moved to 14:30"), undo=reverse(...))` works alike for a full page, a redirect
and an htmx fragment. `undo` is an address that takes a bare POST.
"""

from typing import TypedDict

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils.functional import Promise

UNDO = "undo:"


class Note(TypedDict):
    text: str
    level: str
    undo: str


def toast(
    request: HttpRequest,
    text: str | Promise,
    *,
    level: int = messages.SUCCESS,
    undo: str = "",
) -> None:
    messages.add_message(request, level, str(text), extra_tags=f"{UNDO}{undo}" if undo else "")


def describe_message(message: Message) -> Note:
    """`level` is one of success, info, warning, error; `undo` is empty if there is no way back."""
    extra = message.extra_tags or ""
    undo = extra.removeprefix(UNDO) if extra.startswith(UNDO) else ""
    return {"text": str(message.message), "level": message.level_tag, "undo": undo}
