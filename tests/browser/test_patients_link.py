"""A patient moves his visit with a thumb, without scripts; the doctor sees it at once."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from appointments.models import Appointment
from clinic.models import User
from messaging.actions import issue_link
from messaging.models import LinkPurpose
from outbox.actions import deliver_next
from tests.browser.conftest import NINE, PHONE, OpenBrowser
from tests.factories import Clinic, make_appointment

PATIENCE = 15_000
"""Milliseconds in which the strip must have asked again."""

pytestmark = pytest.mark.usefixtures("morning")


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "12:00")


@pytest.fixture
def address(visit: Appointment) -> str:
    link = issue_link(
        purpose=LinkPurpose.APPOINTMENT,
        patient_id=visit.patient_id,
        subject_id=visit.pk,
        expires_at=visit.ends_at,
        now=NINE,
    )
    return "/" + link.split("/", 3)[3]


def test_a_visit_moves_on_a_phone_and_the_doctor_hears_of_it(
    browser: Browser,
    live_server: LiveServer,
    open_browser: OpenBrowser,
    visit: Appointment,
    address: str,
    dmitry: User,
    clinic: Clinic,
) -> None:
    context = browser.new_context(
        base_url=live_server.url, locale="ru-RU", viewport=PHONE, java_script_enabled=False
    )
    day = open_browser(dmitry, "/my-day/")
    phone = context.new_page()

    phone.goto(address)
    phone.get_by_role("link", name="Выбрать другое время").click()
    phone.get_by_role("button", name="15:30", exact=True).click()
    expect(phone.get_by_role("heading", name="Перенести визит?")).to_be_visible()
    expect(phone.get_by_text("Держим это время за вами до 09:10")).to_be_visible()
    phone.get_by_role("button", name="Перенести визит").click()
    expect(phone.locator(".when-clock")).to_have_text("15:30")
    while deliver_next(now=NINE + timedelta(minutes=1)):
        pass

    expect(day.locator("#day-news")).to_contain_text(
        "01.12.2026, 12:00 → 01.12.2026, 15:30", timeout=PATIENCE
    )
    expect(day.locator(f"#place-{visit.pk} .place-clock")).to_have_text("15:30")
    day.get_by_role("button", name="Понятно").click()
    expect(day.locator("#day-news .news-list")).to_have_count(0)
    context.close()
