"""Points pay a part of a visit; what the rest earns stands on the card."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clinic.models import User
from outbox.actions import deliver_next
from tests.browser.conftest import NINE, OpenBrowser
from tests.factories import Clinic, make_appointment
from tests.loyalty.factories import balance_of, give_points

pytestmark = pytest.mark.usefixtures("morning")


def test_points_pay_a_part_and_the_rest_earns_new_ones(
    open_browser: OpenBrowser, clinic: Clinic, olga: User
) -> None:
    give_points(clinic.patient.pk, 500, now=NINE)
    visit = make_appointment(clinic, "09:00")
    page = open_browser(olga, f"/appointments/{visit.pk}/check-out/")
    page.get_by_role("button", name="Списать 500").click()
    page.get_by_role("button", name="Остаток").first.click()
    expect(page.get_by_label("Картой")).to_have_value("2000")
    page.get_by_role("button", name="Завершить и рассчитать").click()

    expect(page.locator(".outcome-title")).to_have_text("Оплачено: 2 500,00 ₽")
    while deliver_next(now=NINE + timedelta(hours=1)):
        pass
    assert balance_of(clinic.patient.pk) == 60

    page.goto(f"/patients/{clinic.patient.pk}/")
    page.get_by_role("link", name="60", exact=True).click()

    entries = page.locator("#ledger tbody").get_by_role("row")
    expect(entries).to_have_count(3)
    expect(entries.first).to_contain_text("+60")
    expect(entries.nth(1)).to_contain_text("-500")


def test_a_manager_corrects_the_points_and_says_why(
    open_browser: OpenBrowser, clinic: Clinic, viktor: User
) -> None:
    give_points(clinic.patient.pk, 500, now=NINE)
    page = open_browser(viktor, f"/loyalty/patients/{clinic.patient.pk}/")
    page.get_by_role("button", name="Изменить вручную").click()
    page.get_by_label("Сколько баллов").fill("-200")
    page.get_by_label("Причина").fill("Начислили дважды")
    page.get_by_role("dialog").get_by_role("button", name="Сохранить").click()

    entries = page.locator("#ledger tbody").get_by_role("row")
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("Начислили дважды")
    assert balance_of(clinic.patient.pk) == 300
