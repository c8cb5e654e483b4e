"""A patient on a phone books himself: with scripts off, and in a frame of another site."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect
from pytest_django.live_server_helper import LiveServer

from appointments.models import Appointment
from intake.models import Request
from online.models import OnlineSetting
from tests.browser.conftest import PHONE, OpenBrowser
from tests.factories import Clinic
from tests.online.visitors import read_code


def fill_in(page: Page) -> None:
    page.get_by_label("Фамилия").fill("Котова")
    page.get_by_label("Имя", exact=True).fill("Вера")
    page.get_by_label("Дата рождения").fill("12.03.1985")
    page.get_by_label("Телефон").fill("8 903 555-44-33")
    page.get_by_label("Я согласен на обработку персональных данных").check()


@pytest.fixture
def plain_phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone of 390 points on which scripts are off."""
    context = browser.new_context(
        base_url=live_server.url, locale="ru-RU", viewport=PHONE, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def test_a_patient_books_on_a_phone_without_scripts(
    plain_phone: Page, clinic: Clinic, morning: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("online.actions.attempts.FASTEST", timedelta(0))
    OnlineSetting.objects.create(pk=1, is_open=True)
    page = plain_phone

    page.goto("/book/")
    page.get_by_role("link", name=clinic.service.name).click()
    page.get_by_role("button", name="10:00").first.click()
    fill_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Получить код").click()
    expect(page.get_by_role("heading", name="Код подтверждения")).to_be_visible()
    page.get_by_label("Код", exact=True).fill(read_code())
    page.get_by_role("button", name="Подтвердить и записаться").click()

    expect(page.get_by_role("status")).to_have_text("Вы записаны. Ждём вас!")
    assert Appointment.objects.get().starts_at == clinic.at("10:00")


class Site:
    """The clinic's own site on another origin, with one page that holds our script."""

    def __init__(self, crm: str) -> None:
        script = f'<script src="{crm}/book/embed.js"></script>'
        body = f"<!doctype html><title>Клиника</title><body>{script}"

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path.startswith("/?") else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — its name
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site(live_server: LiveServer) -> Iterator[Site]:
    made = Site(live_server.url)
    yield made
    made.close()


def test_the_whole_booking_lives_in_a_frame_of_another_site(
    site: Site,
    open_browser: OpenBrowser,
    clinic: Clinic,
    morning: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("online.actions.attempts.FASTEST", timedelta(0))
    OnlineSetting.objects.create(pk=1, is_open=True, accent="#7a3cff", frame_origins=site.origin)
    page = open_browser(None, f"{site.origin}/?utm_source=vk&utm_campaign=spina", size=PHONE)
    frame = page.frame_locator("iframe")

    frame.get_by_role("link", name=clinic.service.name).click()
    frame.get_by_role("link", name="Дальше").click()
    expect(frame.get_by_role("button", name="10:00").first).to_be_visible()
    frame.get_by_role("button", name="10:00").first.click()
    frame.get_by_label("Фамилия").fill("Котова")
    frame.get_by_label("Имя", exact=True).fill("Вера")
    frame.get_by_label("Дата рождения").fill("12.03.1985")
    frame.get_by_label("Телефон").fill("8 903 555-44-33")
    frame.get_by_label("Я согласен на обработку персональных данных").check()
    frame.get_by_role("button", name="Получить код").click()
    frame.get_by_label("Код", exact=True).fill(wait_for_code(frame))

    expect(frame.get_by_role("status")).to_have_text("Вы записаны. Ждём вас!")
    assert Request.objects.get().utm == {"utm_source": "vk", "utm_campaign": "spina"}
    high = page.locator("iframe").evaluate("frame => frame.clientHeight")
    inner = page.frames[1].evaluate("document.documentElement.scrollHeight")
    assert abs(high - inner) <= 2


def wait_for_code(frame: FrameLocator) -> str:
    expect(frame.get_by_role("heading", name="Код подтверждения")).to_be_visible()
    return read_code()


def test_another_site_may_not_frame_it(
    site: Site, open_browser: OpenBrowser, clinic: Clinic, console: list[str]
) -> None:
    OnlineSetting.objects.create(pk=1, is_open=True, frame_origins="https://clinic.ru")

    page = open_browser(None, f"{site.origin}/?", size=PHONE)

    expect(page.locator("iframe")).to_be_visible()
    page.wait_for_function("() => true")
    assert all("/book/" not in frame.url for frame in page.frames if frame.url.startswith("http"))
    console.clear()
