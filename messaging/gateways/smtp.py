"""E-mail through the clinic's mail server, class C: SMTP takes no id and answers no questions.

The dialogue is led step by step, so that its one unclear stretch is known: between the start of
`DATA` and its answer. Whatever fails before is surely not accepted.
"""

import smtplib
import threading
from email.utils import formataddr, parseaddr
from uuid import NAMESPACE_URL, uuid5

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from messaging.gateways.base import Gateway, Outcome, Result
from messaging.letters import Letter, write_html, write_plain
from patients.models import Channel

OK = 250
PERMANENT = 500
AUTH_REFUSALS = frozenset({530, 534, 535, 538})


class SmtpGateway(Gateway):
    channel = Channel.EMAIL
    batch = 1  # one claim, one letter: a killed sender leaves no more than one in doubt
    threads = 1

    def __init__(self, *, sender: str, clinic_name: str, public_url: str) -> None:
        name, self._address = parseaddr(sender)
        self._from = formataddr((name or clinic_name, self._address))
        self._clinic_name, self._public_url = clinic_name, public_url
        self._backend = EmailBackend(fail_silently=False)
        self._lock = threading.Lock()

    def send(self, letter: Letter) -> Outcome:
        try:
            recipient, content = _as_ascii(letter.address), self._write(letter)
        except ValueError:
            return Outcome(result=Result.REJECTED, reason="bad_address")
        with self._lock:
            refusal = self._introduce(recipient)
            return refusal or self._hand_over(content, message_id=self.message_id(letter))

    def close(self) -> None:
        with self._lock:
            self._hang_up()

    def message_id(self, letter: Letter) -> str:
        """Ours and the same at each try: most mail programs show a repeated one once."""
        name = uuid5(NAMESPACE_URL, f"{self._public_url}/messages/{letter.id}")
        return f"<{name}@{self._address.rpartition('@')[2]}>"

    def _write(self, letter: Letter) -> bytes:
        """Raises ValueError for what can't be a header."""
        headers = {"Message-ID": self.message_id(letter), "Auto-Submitted": "auto-generated"}
        if letter.unsubscribe_url:
            headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail = EmailMultiAlternatives(
            letter.subject, write_plain(letter), self._from, [letter.address], headers=headers
        )
        mail.attach_alternative(write_html(letter, clinic_name=self._clinic_name), "text/html")
        return mail.message().as_bytes().replace(b"\n", b"\r\n")

    def _introduce(self, recipient: str) -> Outcome | None:
        """Come as far as `DATA`. A kept connection may have died meanwhile: then once afresh."""
        is_kept = self._backend.connection is not None
        refusal = self._try_to_introduce(recipient)
        if refusal and is_kept and refusal.reason == "gateway_unreachable":
            refusal = self._try_to_introduce(recipient)
        return refusal

    def _try_to_introduce(self, recipient: str) -> Outcome | None:
        try:
            smtp = self._connect()
            smtp.ehlo_or_helo_if_needed()
            code, _text = smtp.mail(self._address)
            if code != OK:
                return self._refuse(code, reason="bad_sender", stops_channel=code >= PERMANENT)
            code, _text = smtp.rcpt(recipient)
            if code not in (OK, OK + 1):
                return self._refuse(code, reason="bad_address")
        except smtplib.SMTPAuthenticationError:
            self._hang_up()
            return Outcome(result=Result.NOT_NOW, reason="auth", stops_channel=True)
        except (OSError, smtplib.SMTPException):
            self._hang_up()
            return Outcome(result=Result.NOT_NOW, reason="gateway_unreachable")
        return None

    def _hand_over(self, content: bytes, *, message_id: str) -> Outcome:
        try:
            code, _text = self._connect().data(content)
        except smtplib.SMTPDataError as error:
            return self._refuse(error.smtp_code, reason="forbidden_text")
        except (OSError, smtplib.SMTPException):
            self._hang_up()
            return Outcome(result=Result.UNCLEAR, reason="gateway_silent")
        if code != OK:
            return self._refuse(code, reason="forbidden_text")
        return Outcome(result=Result.ACCEPTED, provider_id=message_id)

    def _refuse(self, code: int, *, reason: str, stops_channel: bool = False) -> Outcome:
        """A spoken refusal: 4xx may pass later, 5xx never will."""
        self._hang_up()
        if code in AUTH_REFUSALS:
            return Outcome(result=Result.NOT_NOW, reason="auth", stops_channel=True)
        if stops_channel:
            return Outcome(result=Result.NOT_NOW, reason=reason, stops_channel=True)
        if code >= PERMANENT:
            return Outcome(result=Result.REJECTED, reason=reason)
        return Outcome(result=Result.NOT_NOW, reason="gateway_busy")

    def _connect(self) -> smtplib.SMTP:
        """The open connection, a new one if there is none."""
        self._backend.open()
        if self._backend.connection is None:
            raise smtplib.SMTPServerDisconnected
        return self._backend.connection

    def _hang_up(self) -> None:
        smtp, self._backend.connection = self._backend.connection, None
        if smtp is not None:
            smtp.close()


def _as_ascii(address: str) -> str:
    """The address as the envelope takes it. Raises ValueError for letters before the @."""
    name, _at, host = address.rpartition("@")
    return f"{name.encode('ascii').decode()}@{host.encode('idna').decode()}"
