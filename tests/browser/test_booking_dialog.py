"""The booking dialog by keyboard, as reception uses it with the phone at the ear."""

import pytest
from playwright.sync_api import expect

from appointments.models import Appointment, Hold
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


def test_booking_by_phone_call(open_browser: OpenBrowser, olga: User, clinic: Clinic) -> None:
    """A name, a service, a time said aloud and taken with one tap; another time if not that."""
    make_patient(last_name="Редкозубова", first_name="Анна")
    board = open_browser(olga, "/board/")
    board.locator("#board-book").click()
    search = board.locator("#guest-search")
    expect(search).to_be_focused()
    search.press_sequentially("редкоз")
    search.press("Enter")
    service = board.locator("select[name=service]")
    expect(service).to_be_focused()

    service.select_option(clinic.service.name)
    proposals = board.locator(".proposal")
    expect(proposals.first).to_contain_text("Сегодня, во вторник, 1 декабря", ignore_case=True)
    board.get_by_text("вечер", exact=True).click()
    expect(proposals.first).to_contain_text("17:00")
    proposals.nth(1).click()
    expect(board.locator("[data-release]")).to_be_visible()
    proposals.first.click()
    expect(proposals.first).to_have_attribute("aria-pressed", "true")
    expect(board.locator("#booking-times")).to_contain_text("17:00–17:30 свободно")
    expect(board.locator("[data-release]")).to_be_visible()
    board.locator(".modal-footer .btn-primary").click()

    expect(board.get_by_text("Запись есть")).to_contain_text("17:00")
    booked = Appointment.objects.get()
    assert (booked.employee, booked.starts_at) == (clinic.doctor, clinic.at("17:00"))
    assert not Hold.objects.exists()
