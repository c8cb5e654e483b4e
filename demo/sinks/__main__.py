"""`python -m demo.sinks --folder var/main/sinks --http 8026 --smtp 8025`: port 0 takes a free one.

Prints `http=<port> smtp=<port>` once both answer, and runs until it is told to stop.
"""

import argparse
import asyncio
import signal
from pathlib import Path

from aiohttp import web
from aiosmtpd.smtp import SMTP

from demo.sinks.journal import Journal
from demo.sinks.mail import Mailbox
from demo.sinks.phone import Phone
from demo.sinks.sms import Gateway, Scenario

LARGEST_MAIL = 10 * 1024 * 1024


class Control:
    """What tests and benchmarks may do to the vendors."""

    def __init__(self, gateway: Gateway, mail: Journal) -> None:
        self.gateway, self.mail = gateway, mail

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/__fake/scenario", self.set_scenario),
            web.get("/__fake/outbox", self.outbox),
        ]

    async def set_scenario(self, request: web.Request) -> web.Response:
        try:
            self.gateway.scenario = Scenario.from_json(await request.json())
        except (KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.Response(status=204)

    async def outbox(self, request: web.Request) -> web.Response:
        return web.json_response({"sms": self.gateway.journal.entries, "mail": self.mail.entries})


def build(folder: Path, *, login: str, password: str) -> tuple[web.Application, Mailbox]:
    """The HTTP side (gateway, phone, control) and the mail side, on journals in `folder`."""
    sms, mail = Journal(folder / "sms.jsonl"), Journal(folder / "mail.jsonl")
    gateway = Gateway(sms, login=login, password=password)
    application = web.Application()
    for part in (gateway, Phone(sms, mail), Control(gateway, mail)):
        application.add_routes(part.routes())
    return application, Mailbox(mail)


async def serve(options: argparse.Namespace) -> None:
    application, mailbox = build(options.folder, login=options.login, password=options.password)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", options.http)
    await site.start()
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", data_size_limit=LARGEST_MAIL, loop=loop),
        "127.0.0.1",
        options.smtp,
    )
    print(f"http={runner.addresses[0][1]} smtp={smtp.sockets[0].getsockname()[1]}", flush=True)
    stopped = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopped.set)
    await stopped.wait()
    smtp.close()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.sinks")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--http", type=int, default=8026)
    parser.add_argument("--smtp", type=int, default=8025)
    parser.add_argument("--login", default="demo")
    parser.add_argument("--password", default="demo")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
