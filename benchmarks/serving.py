"""A web server as in production over a database of the benchmarks, and clients who ask it."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from clinic_crm import embedded
from clinic_crm.embedded import ROOT

OK = "/healthz"
PRODUCT = "clinic_crm.wsgi:application"
CLIENTS = 16
SECONDS = 3.0
PATIENCE = 120  # seconds until a server that does not answer is given up


@contextmanager
def serving(database: str, application: str = PRODUCT) -> Iterator[str]:
    """The address of a server on a free port over the database at this address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    redis = os.environ.get("REDIS_URL") or embedded.servers().redis_url
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "clinic_crm/gunicorn.py", application],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database, "REDIS_URL": redis, "BIND": address},
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(address, server)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    host, _colon, port = address.partition(":")
    for _attempt in range(PATIENCE * 10):
        if server.poll() is not None:
            raise RuntimeError("The web server ended at once.")
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(address)


async def measure(address: str, path: str, version: str = "") -> float:
    """Requests per second of all clients together, each signed in once and asking in turn.

    With a `version` they ask only for what is newer, as a page does that keeps itself fresh.
    """
    async with browsing() as session:
        await sign_in(session, address)
        await get(session, address + path)
        if version:
            session.headers["If-None-Match"] = version
        started = time.perf_counter()
        counts = await asyncio.gather(
            *(_ask(session, address + path, until=started + SECONDS) for _ in range(CLIENTS))
        )
        return sum(counts) / (time.perf_counter() - started)


def browsing(connections: int = 100) -> aiohttp.ClientSession:
    """A client that keeps its cookies and so many connections, any number with 0."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        connector=aiohttp.TCPConnector(limit=connections),
    )


async def sign_in(session: aiohttp.ClientSession, address: str, name: str = "olga") -> None:
    page = f"{address}/sign-in/"
    await get(session, page)
    form = {"username": name, "password": "demo", "csrfmiddlewaretoken": read_token(session)}
    async with session.post(page, data=form, headers={"Referer": page}) as answer:
        answer.raise_for_status()
        if answer.url.path.startswith("/sign-in"):
            raise RuntimeError("Nobody could sign in.")


def read_token(session: aiohttp.ClientSession) -> str:
    return next(cookie.value for cookie in session.cookie_jar if cookie.key == "csrftoken")


async def _ask(session: aiohttp.ClientSession, url: str, *, until: float) -> int:
    count = 0
    while time.perf_counter() < until:
        await get(session, url)
        count += 1
    return count


async def get(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url) as answer:
        answer.raise_for_status()
        await answer.read()
