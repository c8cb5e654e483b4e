"""The day by mouse, over real processes: Olga books, the patient answers, the board shows it."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.journeys.product import Product

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
]
DAY = timedelta(days=1)

FREE_PATIENT = """
from appointments.models import Appointment
from patients.models import Channel, Patient
busy = Appointment.objects.filter(status__in=("BOOKED", "CONFIRMED")).values("patient_id")
found = Patient.objects.filter(channel=Channel.SMS, is_reachable=True, language="ru")
patient = found.filter(contacts__kind="PHONE").exclude(pk__in=busy).first()
phone = patient.contacts.filter(kind="PHONE").order_by("-is_primary").first().value
print(json.dumps({"id": patient.pk, "name": patient.full_name, "phone": phone}))
"""

BOOKED = """
from appointments.models import Appointment
visit = Appointment.objects.filter(patient_id=%d).order_by("-pk").first()
print(json.dumps(visit and {"id": visit.pk, "starts_at": visit.starts_at.isoformat(),
                            "status": visit.status}))
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def sign_in(chromium: Browser, product: Product, username: str) -> Page:
    context = chromium.new_context(
        base_url=product.site, locale="ru-RU", viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", "demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def test_a_visit_is_booked_reminded_and_confirmed(chromium: Browser, product: Product) -> None:
    patient = product.python(FREE_PATIENT)
    board = sign_in(chromium, product, "olga")
    day = (datetime.now().astimezone() + 3 * DAY).date()
    board.goto(f"/board/?on={day.isoformat()}")

    board.get_by_role("button", name="Записать").or_(
        board.get_by_role("link", name="Записать")
    ).first.click()
    board.get_by_role("searchbox", name="Пациент").last.fill(patient["name"][:9])
    board.locator(".guest-hit", has_text=patient["name"]).click()
    service = board.locator("#dialog select[name=service]")
    service.select_option(index=1)
    board.locator("#dialog [data-take]").first.click()
    board.locator("#dialog").get_by_role("button", name="Записать").click()
    expect(board.locator("#dialog-frame")).to_be_hidden()

    visit = product.python(BOOKED % patient["id"])
    assert visit["status"] == "BOOKED"
    due = datetime.fromisoformat(visit["starts_at"]) - DAY
    product.tick(due.isoformat())
