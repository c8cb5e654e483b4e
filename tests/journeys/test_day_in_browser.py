"""The day by mouse, over real processes: Olga books, the patient answers, the board shows it."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import CHROMIUM
from tests.journeys.product import Product
from tests.journeys.test_the_day import link_in, wait_for

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


def sign_in(browser: Browser, product: Product, username: str) -> Page:
    context = browser.new_context(
        base_url=product.site, locale="ru-RU", viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", "demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def test_a_visit_is_booked_reminded_and_confirmed(browser: Browser, product: Product) -> None:
    patient = product.python(FREE_PATIENT)
    board = sign_in(browser, product, "olga")
    day = (datetime.now().astimezone() + 3 * DAY).date()
    board.goto(f"/board/?on={day.isoformat()}")

    board.locator("#board-book").click()
    board.locator("#guest-search").fill(patient["name"][:9])
    board.locator(".guest-hit", has_text=patient["name"]).first.click()
    board.locator("#dialog select[name=service]").select_option(index=1)
    board.locator("#dialog [data-take]").first.click()
    board.locator("#dialog button.btn-primary[type=submit]").click()
    expect(board.locator("#dialog-frame")).to_be_hidden()
    visit = product.python(BOOKED % patient["id"])
    assert visit["status"] == "BOOKED"

    due = datetime.fromisoformat(visit["starts_at"]) - DAY
    product.tick(due.isoformat())
    (reminder,) = wait_for(lambda: product.sent_to(patient["phone"]))
    phone = browser.new_page(locale="ru-RU", viewport={"width": 390, "height": 844})
    phone.goto(link_in(reminder["text"]))
    phone.locator("button[value=confirm]").click()
    wait_for(lambda: product.python(BOOKED % patient["id"])["status"] == "CONFIRMED")
