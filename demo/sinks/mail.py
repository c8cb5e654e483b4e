"""A mail server that accepts everything and delivers nothing."""

import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.sinks.journal import Entry, Journal

KEPT_HEADERS = ("Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")


class Mailbox:
    """The handler aiosmtpd calls; one entry per recipient, as each has a mailbox of their own."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 — aiosmtpd's name
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content or "").encode()
        mail = message_from_bytes(raw, policy=default)
        for recipient in envelope.rcpt_tos:
            self.journal.append(_entry(mail, recipient, envelope.mail_from or ""))
        return "250 OK"


def _entry(mail: EmailMessage, recipient: str, sender: str) -> Entry:
    return {
        "at": time.time(),
        "to": recipient,
        "from": str(mail["From"] or sender),
        "subject": str(mail["Subject"] or ""),
        "text": _body(mail, "plain"),
        "html": _body(mail, "html"),
        "headers": {name: str(mail[name]) for name in KEPT_HEADERS if mail[name]},
    }


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
