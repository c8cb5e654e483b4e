"""Texts written by the clinic: Liquid over a flat dictionary of plain values.

No object of ours ever reaches a template, so there is nothing to climb; tags and filters are a
short list, loops do not exist, and what remains is limited.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from liquid import Environment, Mode, StrictUndefined
from liquid.exceptions import LiquidError

from outbox.errors import Refused

TAGS = frozenset({"content", "output", "illegal", "if", "unless", "case", "comment", "#"})
FILTERS = frozenset(
    {"append", "capitalize", "default", "downcase", "prepend", "truncate", "upcase"}
)


class TextBroken(Refused):
    """The template cannot be read or filled in; `details["error"]` is the reason in English."""

    code = "text_broken"
    status = 400
    message = _("The text has a mistake in its placeholders: write them as {{ name }}.")


class _Environment(Environment):
    block_nesting_limit: ClassVar[int] = 5
    context_depth_limit: ClassVar[int] = 5
    loop_iteration_limit: ClassVar[int] = 100
    local_namespace_limit: ClassVar[int] = 10_000
    output_stream_limit: ClassVar[int] = 20_000


def _make_environment() -> Environment:
    environment = _Environment(undefined=StrictUndefined, tolerance=Mode.STRICT)
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in TAGS}
    environment.filters = {
        name: function for name, function in environment.filters.items() if name in FILTERS
    }
    return environment


_ENVIRONMENT = _make_environment()


def render_text(source: str, values: Mapping[str, str]) -> str:
    """Fill in the values. Raises `TextBroken` for a mistake, an unknown name or a limit.

    An empty text is true in Liquid, so a value that is not there goes in as nil: `{% if phone %}`.
    """
    plain = {name: _as_one_line(value) or None for name, value in values.items()}
    try:
        return _ENVIRONMENT.from_string(source).render(plain)
    except LiquidError as error:
        raise TextBroken(error=str(error)) from error


def shorten_values(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values as an SMS has them: no `https://`, a phone without spaces and brackets.

    Each letter is paid for, and a telephone makes both clickable anyway.
    """
    short = {name: value.removeprefix("https://") for name, value in values.items()}
    if "phone" in short:
        short["phone"] = re.sub(r"[^\d+]", "", short["phone"])
    return short


def list_variables(source: str) -> set[str]:
    """Return the names that the text takes from outside. Raises `TextBroken`."""
    try:
        return set(_ENVIRONMENT.from_string(source).global_variables())
    except LiquidError as error:
        raise TextBroken(error=str(error)) from error


def _as_one_line(value: str) -> str:
    """A value is one run of plain text: no line of its own, no square brackets of a button."""
    shown = value.replace("[", "(").replace("]", ")")
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())
