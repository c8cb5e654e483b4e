"""What a gateway hands over, and an e-mail made of it: the same words plain and in HTML.

A text is paragraphs divided by an empty line. A line `[Words](https://…)` is a button. Nothing
else has a meaning, so what a patient is called can't become markup.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.template.loader import render_to_string

from messaging.kinds import CODE_KINDS
from messaging.legal import WAY_OUT

PERSONAL_PART = "/[A-Za-z0-9_-]{22}/"
CODE = "[0-9]{6}"
BUTTON = re.compile(r"\[(?P<words>[^\[\]\n]+)\]\((?P<url>https?://[^\s()<>\"]+)\)")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message on its way. `id` is ours, the same however often it is tried.

    `footer` are the lines under an e-mail: who writes, and what the law wants said.
    """

    id: int
    address: str
    subject: str
    body: str
    language: str
    footer: tuple[str, ...] = ()
    unsubscribe_url: str = ""


class Button(NamedTuple):
    words: str
    url: str


@dataclass(frozen=True)
class Paragraph:
    """Either lines of text or a button."""

    lines: tuple[str, ...] = ()
    button: Button | None = None


def write_plain(letter: Letter) -> str:
    """Return the letter for readers without HTML: a button is its words and its address."""
    lines = spell_out_buttons(letter.body).splitlines()
    closing = list(letter.footer)
    if letter.unsubscribe_url:
        closing.append(f"{WAY_OUT[letter.language]}: {letter.unsubscribe_url}")
    return "\n".join(lines + (["", "-- ", *closing] if closing else [])) + "\n"


def write_html(letter: Letter, *, clinic_name: str) -> str:
    """Return the letter in HTML: inline styles and tables, as mail programs need them."""
    values = {
        "letter": letter,
        "clinic_name": clinic_name,
        "paragraphs": list(_list_paragraphs(letter.body)),
        "way_out": WAY_OUT[letter.language],
    }
    return render_to_string("messaging/letter.html", values)


def spell_out_buttons(body: str) -> str:
    """Return the text with each button as its words and its address."""
    return "\n".join(_spell_out(line) for line in body.splitlines())


def hide_links(text: str) -> str:
    """Return the text with `…` for the secret of each personal link: it is the patient's alone."""
    return re.sub(PERSONAL_PART, "/…/", text)


def hide_secrets(text: str, *, kind: str) -> str:
    """Return the text of a message of the kind without its personal links and codes."""
    without_links = hide_links(text)
    return re.sub(CODE, "…", without_links) if kind in CODE_KINDS else without_links


def _spell_out(line: str) -> str:
    found = BUTTON.fullmatch(line.strip())
    return f"{found['words']}: {found['url']}" if found else line


def _list_paragraphs(body: str) -> Iterable[Paragraph]:
    for block in re.split(r"\n[ \t]*\n", body.strip()):
        lines: list[str] = []
        for line in filter(None, map(str.strip, block.splitlines())):
            found = BUTTON.fullmatch(line)
            if found is None:
                lines.append(line)
                continue
            if lines:
                yield Paragraph(lines=tuple(lines))
                lines = []
            yield Paragraph(button=Button(found["words"], found["url"]))
        if lines:
            yield Paragraph(lines=tuple(lines))
