"""Journeys in real Chromium over a live server. Without Chromium they are skipped, in one line."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from clinic.models import Employee, User
from tests.chromium import CHROMIUM
from tests.factories import DAY, Clinic, make_clinic, make_shift

# Chromium writes every 4xx answer of htmx into the console; these two are part of a form's life.
EXPECTED = re.compile(r"status of (409|422)|Status Error Code (409|422)")
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
NINE = datetime(2026, 12, 1, 6, tzinfo=UTC)  # nine in the morning in Moscow on `DAY`


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"))


@pytest.fixture
def console() -> Iterator[list[str]]:
    """What the browser complained about; a test that expects something empties it."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


OpenBrowser = Callable[..., Page]


@pytest.fixture
def open_browser(
    browser: Browser, live_server: LiveServer, console: list[str]
) -> Iterator[OpenBrowser]:
    """`open_browser(olga, "/password/", size=PHONE)`: a page on which that person is signed in."""

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
            console.append(message.text)

    def open_one(user: User | None, path: str, *, size: ViewportSize = DESK) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="ru-RU", viewport=size)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: console.append(str(error)))
        page.goto(path)
        return page

    yield open_one
    for context in browser.contexts:
        context.close()


@pytest.fixture
def morning() -> Iterator[None]:
    """The server's clock shows nine; the browser keeps its own."""
    with time_machine.travel(NINE, tick=True):
        yield


@pytest.fixture
def clinic(dmitry: User) -> Clinic:
    """Where Dmitry sees patients today and all the next week."""
    me = Employee.objects.get(user=dmitry)
    made = make_clinic(branch=me.branches.get())
    me.services.add(made.service)
    for day in range(8):
        make_shift(me, made.branch, on=DAY + timedelta(days=day))
    return Clinic(made.branch, made.rooms, made.service, me, made.patient)
