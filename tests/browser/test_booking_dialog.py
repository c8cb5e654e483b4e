"""The booking dialog by keyboard, as reception uses it with the phone at the ear."""

import pytest
from playwright.sync_api import expect

from clinic.models import User
from tests.browser.conftest import OpenBrowser
from tests.factories import Clinic, make_patient

pytestmark = pytest.mark.usefixtures("morning")


def test_enter_waits_for_the_last_letters(
    open_browser: OpenBrowser, olga: User, clinic: Clinic
) -> None:
    make_patient(last_name="Редкозубова", first_name="Анна")
    board = open_browser(olga, "/board/")
    board.locator("#board-book").click()
    search = board.locator("#guest-search")
    expect(search).to_be_focused()

    search.press("Enter")
    expect(search).to_be_visible()

    search.press_sequentially("редкоз")
    search.press("Enter")
    expect(board.locator(".guest .guest-name")).to_contain_text("Редкозубова")
