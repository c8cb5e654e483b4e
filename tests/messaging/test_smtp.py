"""E-mail over SMTP: what a letter looks like, and each way in which a dialogue can end."""

import asyncio
from asyncio import run_coroutine_threadsafe
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from messaging.gateways import Letter, Outcome, Result, SmtpGateway
from tests.sinks import Sinks


class Server:
    """A mail server that answers what it is told to."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.hangs_up_after_data = False
        self.accepted: list[Envelope] = []

    async def handle_MAIL(  # noqa: N802 — aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if "data" in self.answers:
            return self.answers["data"]
        self.accepted.append(envelope)
        if self.hangs_up_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 OK"


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    handler, loop = Server(), asyncio.new_event_loop()
    dialogues: list[SMTP] = []

    def begin() -> SMTP:
        dialogues.append(SMTP(handler, hostname="localhost", loop=loop))
        return dialogues[-1]

    async def stop() -> None:
        listening.close()
        for dialogue in dialogues:
            if isinstance(dialogue.transport, asyncio.WriteTransport):
                dialogue.transport.abort()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(talking, timeout=5) if talking else None

    thread = Thread(target=loop.run_forever)
    thread.start()
    listening = run_coroutine_threadsafe(loop.create_server(begin, "127.0.0.1", 0), loop).result(10)
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = listening.sockets[0].getsockname()[1]
    yield handler
    run_coroutine_threadsafe(stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def gateway(server: Server) -> Iterator[SmtpGateway]:
    made = make_gateway()
    yield made
    made.close()


def make_gateway() -> SmtpGateway:
    """Calls the server that the settings name at this moment."""
    return SmtpGateway(
        sender="hello@clinic.ru", clinic_name="Клиника «Осанка»", public_url="https://clinic.ru"
    )


def letter(**fields: Any) -> Letter:
    defaults: dict[str, Any] = {
        "id": 7,
        "address": "anna@example.com",
        "subject": "Ждём вас 02.12 в 10:00",
        "body": "Здравствуйте, Анна!\n\nАдрес: Тверская, 12.\n[Ответить](https://clinic.ru/v/x/)",
        "language": "ru",
        "footer": ("ООО «Осанка»",),
    }
    return Letter(**defaults | fields)


def test_a_letter_reads_the_same_plain_and_in_html(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> None:
    sinks = Sinks(tmp_path_factory.mktemp("sinks"))
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sinks.smtp_port

    gateway = make_gateway()

    try:
        outcome = gateway.send(letter(unsubscribe_url="https://clinic.ru/u/y/"))
        (mail,) = sinks.outbox()["mail"]
    finally:
        gateway.close()
        sinks.stop()

    assert outcome == Outcome(result=Result.ACCEPTED, provider_id=mail["headers"]["Message-ID"])
    assert (mail["to"], mail["subject"]) == ("anna@example.com", "Ждём вас 02.12 в 10:00")
    assert mail["from"] == "Клиника «Осанка» <hello@clinic.ru>"
    assert mail["text"].splitlines() == [
        "Здравствуйте, Анна!",
        "",
        "Адрес: Тверская, 12.",
        "Ответить: https://clinic.ru/v/x/",
        "",
        "-- ",
        "ООО «Осанка»",
        "Отписаться: https://clinic.ru/u/y/",
    ]
    assert '<a href="https://clinic.ru/v/x/"' in mail["html"]
    assert "Здравствуйте, Анна!</p>" in mail["html"]
    assert mail["headers"]["List-Unsubscribe"] == "<https://clinic.ru/u/y/>"
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_names_are_text_in_html(gateway: SmtpGateway, server: Server) -> None:
    gateway.send(letter(body="Здравствуйте, <b>Анна</b> & Ко!"))

    (envelope,) = server.accepted
    assert isinstance(envelope.content, bytes)
    assert "<b>" not in envelope.content.decode().partition("text/html")[2]


def test_a_repeated_letter_keeps_its_id(gateway: SmtpGateway) -> None:
    assert gateway.message_id(letter()) == gateway.message_id(letter())
    assert gateway.message_id(letter()) != gateway.message_id(letter(id=8))
    assert gateway.message_id(letter()).endswith("@clinic.ru>")


@pytest.mark.parametrize(
    ("answers", "result", "reason", "stops_channel"),
    [
        ({"mail": "451 later"}, Result.NOT_NOW, "gateway_busy", False),
        ({"mail": "550 who are you"}, Result.NOT_NOW, "bad_sender", True),
        ({"mail": "530 sign in first"}, Result.NOT_NOW, "auth", True),
        ({"rcpt": "450 greylisted"}, Result.NOT_NOW, "gateway_busy", False),
        ({"rcpt": "550 no such user"}, Result.REJECTED, "bad_address", False),
        ({"data": "452 disk full"}, Result.NOT_NOW, "gateway_busy", False),
        ({"data": "554 spam"}, Result.REJECTED, "forbidden_text", False),
    ],
)
def test_each_spoken_refusal_is_definite(
    gateway: SmtpGateway,
    server: Server,
    answers: dict[str, str],
    result: Result,
    reason: str,
    stops_channel: bool,
) -> None:
    server.answers = answers

    outcome = gateway.send(letter())

    assert (outcome.result, outcome.reason) == (result, reason)
    assert outcome.stops_channel is stops_channel
    assert server.accepted == []
    server.answers = {}
    assert gateway.send(letter()).result is Result.ACCEPTED


def test_a_line_that_breaks_after_the_text_leaves_doubt(
    gateway: SmtpGateway, server: Server
) -> None:
    server.hangs_up_after_data = True

    outcome = gateway.send(letter())

    assert (outcome.result, outcome.reason) == (Result.UNCLEAR, "gateway_silent")
    assert len(server.accepted) == 1


def test_nothing_listens_and_nothing_was_accepted(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert make_gateway().send(letter()).reason == "gateway_unreachable"


def test_a_kept_connection_that_died_is_opened_again(gateway: SmtpGateway, server: Server) -> None:
    gateway.send(letter())
    assert gateway._backend.connection is not None
    assert gateway._backend.connection.sock is not None
    gateway._backend.connection.sock.shutdown(2)

    assert gateway.send(letter(id=8)).result is Result.ACCEPTED
    assert len(server.accepted) == 2


@pytest.mark.parametrize(
    "broken",
    [
        lambda: letter(address="анна@example.com"),
        lambda: letter(address="anna@" + "x" * 70 + ".ru"),
        lambda: letter(subject="Тема\r\nBcc: all@example.com"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anybody_is_called(
    gateway: SmtpGateway, broken: Callable[[], Letter]
) -> None:
    assert gateway.send(broken()).result is Result.REJECTED
