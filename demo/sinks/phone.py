"""The page on which a person at the demo reads what patients got, and follows the links."""

import re
from collections.abc import Callable
from datetime import datetime
from gettext import translation
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from demo.sinks.journal import Entry, Journal

HERE = Path(__file__).resolve().parent
PAGE = HERE / "page"
CATALOGUES = HERE.parent / "locale"
SHOWN = 200
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
PAGE_SECURITY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'"
LETTER_SECURITY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-top-navigation-by-user-activation"
)

Say = Callable[[str], str]


class Phone:
    def __init__(self, sms: Journal, mail: Journal) -> None:
        self.sms, self.mail = sms, mail

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/", self.page),
            web.get(r"/letters/{number:\d+}", self.letter),
            web.static("/page", PAGE),
            web.get("/favicon.ico", _no_content),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Newest first; `q` keeps what has these characters in its address or text."""
        language, wanted = _language(request), request.query.get("q", "").strip()
        _ = _translator(language)
        text = Template((PAGE / "phone.html").read_text(encoding="utf-8")).substitute(
            language=language,
            title=escape(_("Patients' phone")),
            lead=escape(_("All that the clinic has sent. Nothing leaves this machine.")),
            search=escape(_("Phone, e-mail or text")),
            show=escape(_("Show")),
            wanted=escape(wanted),
            cards=self._cards(wanted, _) or _empty(_),
        )
        headers = {"Content-Security-Policy": PAGE_SECURITY}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def letter(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if number >= len(self.mail.entries):
            raise web.HTTPNotFound
        entry = self.mail.entries[number]
        text = entry["html"] or f"<pre>{_linked(entry['text'])}</pre>"
        headers = {"Content-Security-Policy": LETTER_SECURITY}
        return web.Response(text=text, content_type="text/html", headers=headers)

    def _cards(self, wanted: str, _: Say) -> str:
        cards = [(entry["at"], _sms_card(entry)) for entry in self.sms.entries]
        cards += [
            (entry["at"], _mail_card(entry, number, _))
            for number, entry in enumerate(self.mail.entries)
        ]
        shown = [card for card in sorted(cards, reverse=True) if wanted.lower() in card[1].lower()]
        return "\n".join(card for _at, card in shown[:SHOWN])


async def _no_content(request: web.Request) -> web.Response:
    return web.Response(status=204)


def _sms_card(entry: Entry) -> str:
    body = f"<p>{_linked(entry['text'])}</p>"
    return _card("sms", "SMS", f"+{entry['phone']}", entry["at"], body)


def _mail_card(entry: Entry, number: int, _: Say) -> str:
    body = f"<h2>{escape(entry['subject'])}</h2><p>{_linked(entry['text'])}</p>"
    words = escape(_("Open the letter"))
    body += f'<p><a href="/letters/{number}" target="_blank">{words}</a></p>'
    return _card("mail", "E-mail", entry["to"], entry["at"], body)


def _card(kind: str, channel: str, address: str, at: float, body: str) -> str:
    moment = datetime.fromtimestamp(at).astimezone()
    return (
        f'<article class="{kind}"><header><b>{channel}</b> <span>{escape(address)}</span> '
        f'<time datetime="{moment.isoformat()}">{moment:%d.%m.%Y, %H:%M}</time></header>'
        f"{body}</article>"
    )


def _linked(text: str) -> str:
    """Escaped text with its addresses made clickable and its line breaks kept."""
    parts, last = [], 0
    for match in LINK.finditer(text):
        address = escape(match[0])
        link = f'<a href="{address}" target="_blank" rel="noopener">{address}</a>'
        parts += [escape(text[last : match.start()]), link]
        last = match.end()
    parts.append(escape(text[last:]))
    return "".join(parts).replace("\n", "<br>")


def _empty(_: Say) -> str:
    words = escape(_("No messages yet. Book a visit and come back."))
    return f'<p class="empty">{words}</p>'


def _language(request: web.Request) -> str:
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "ru"


def _translator(language: str) -> Say:
    return translation("django", CATALOGUES, [language], fallback=True).gettext
