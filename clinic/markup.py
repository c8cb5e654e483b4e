"""Small pieces of markup that a page repeats by the dozen: drawn once, then remembered.

All depend on their arguments alone. What is safe markup and what is to be escaped are told apart by
type, in the memory too (`typed`).
"""

from functools import lru_cache, partial
from html import escape
from zlib import crc32

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

TONES = ("accent", "info", "success", "warning", "danger", "violet", "neutral")

remembered = partial(lru_cache, maxsize=4096, typed=True)


@remembered()
def draw_icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite: decoration, or with `label` a picture that is read out."""
    role = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"/></svg>',
        f" icon-{size}" if size else "",
        mark_safe(role),  # noqa: S308  # a constant, or escaped above
        static("clinic/icons.svg"),
        name,
    )


@remembered()
def draw_status(text: str, tone: str = "neutral", icon: str = "point") -> SafeString:
    """A badge: colour, picture and word together."""
    return format_html('<span class="status tone-{}">{}{}</span>', tone, draw_icon(icon), text)


def fill_html(pattern: str, **parts: str) -> SafeString:
    """`format_html` for what a page repeats by the dozen: a third of its time, the same rule.

    A part that is not safe markup is escaped; `pattern` is a constant of the code.
    """
    safe = {
        name: part if isinstance(part, SafeString) else escape(part) for name, part in parts.items()
    }
    return SafeString(pattern.format_map(safe))


def draw_person(name: str, size: str = "") -> SafeString:
    """Initials of a person on a colour that is always the same for the same name."""
    initials = "".join(part[0] for part in name.split()[:2] if part).upper()
    return _draw_initials(initials, TONES[crc32(name.encode()) % (len(TONES) - 1)], size)


@remembered()
def _draw_initials(initials: str, tone: str, size: str) -> SafeString:
    return format_html(
        '<span class="person{} tone-{}" aria-hidden="true">{}</span>',
        f" person-{size}" if size else "",
        tone,
        initials,
    )
