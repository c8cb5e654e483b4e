"""Marina switches a scenario on and off; the page follows its dialogs."""

from playwright.sync_api import expect

from campaigns.models import Scenario
from clinic.models import User
from tests.browser.conftest import OpenBrowser


def test_a_scenario_is_switched_on_and_off(open_browser: OpenBrowser, marina: User) -> None:
    scenario = Scenario.objects.get(code="reactivation")
    page = open_browser(marina, f"/scenarios/{scenario.pk}/")
    page.get_by_role("button", name="Включить").click()
    page.get_by_role("dialog").get_by_role("button", name="Включить").click()

    expect(page.get_by_role("button", name="Выключить")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
    scenario.refresh_from_db()
    assert scenario.is_active

    page.get_by_role("button", name="Выключить").click()
    page.locator("#ask").get_by_role("button", name="Да").click()

    expect(page.get_by_role("button", name="Включить")).to_be_visible()
    scenario.refresh_from_db()
    assert not scenario.is_active
