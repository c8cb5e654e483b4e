import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django import Settings

from clinic.models import User
from tests.browser import stage
from tests.browser.conftest import PHONE, OpenBrowser
from tests.factories import make_branch


@pytest.fixture(autouse=True)
def on_stage(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages on which each part of the shell can be tried, beside the real ones."""
    settings.ROOT_URLCONF = "tests.browser.stage"
    monkeypatch.setattr("clinic.access.read_table", lambda: stage.TABLE)


@pytest.fixture
def page(open_browser: OpenBrowser, olga: User) -> Page:
    return open_browser(olga, "/stage/")


def test_a_demo_visitor_comes_in_with_one_click(
    open_browser: OpenBrowser, olga: User, settings: Settings
) -> None:
    settings.DEMO_PASSWORD = "olga"
    page = open_browser(None, "/password/")

    page.get_by_role("button", name="Администратор").click()

    expect(page).to_have_url(re.compile(r"/password/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Сменить пароль")


def test_colours_and_menu_stay_as_they_were_left(page: Page) -> None:
    page.get_by_role("button", name="Тёмные цвета").click()
    page.get_by_role("button", name="Свернуть меню").click()

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-menu", "narrow")


def test_the_language_is_switched_on_the_page_one_is_on(page: Page) -> None:
    page.get_by_role("button", name="Язык").click()
    page.get_by_role("button", name="English").first.click()

    expect(page).to_have_url(re.compile(r"/stage/$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_another_branch_is_chosen_from_the_top(open_browser: OpenBrowser, olga: User) -> None:
    make_branch(name="Алтай", city="Новосибирск")
    page = open_browser(olga, "/stage/")

    page.get_by_role("button", name="Филиал: Москва").click()
    page.get_by_role("button", name="Алтай").click()

    expect(page.get_by_role("button", name="Филиал: Алтай")).to_be_visible()


def test_a_dialog_keeps_what_was_typed_and_ends_with_a_note(page: Page) -> None:
    page.get_by_role("button", name="Открыть").click()
    page.get_by_label("Имя", exact=True).fill("Анна")
    page.get_by_label("Телефон", exact=True).fill("12")
    page.get_by_label("Телефон", exact=True).press("Enter")

    expect(page.locator("#dialog .errorlist")).to_contain_text("символов")
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Анна")
    expect(page.get_by_label("Телефон", exact=True)).to_be_focused()

    page.get_by_label("Телефон", exact=True).fill("12345")
    page.get_by_role("button", name="Сохранить").click()

    expect(page.locator("#dialog-frame")).to_be_hidden()
    expect(page.locator("#changes")).to_have_text("есть")
    page.get_by_role("button", name="Вернуть", exact=True).click()
    expect(page.locator(".note-text")).to_have_text("Вернули как было")


def test_a_dialog_asks_before_it_forgets_what_was_typed(page: Page) -> None:
    page.get_by_role("button", name="Открыть").click()
    expect(page.get_by_label("Имя", exact=True)).to_be_focused()
    page.keyboard.type("Анна")

    page.keyboard.press("Escape")
    page.locator("#ask").get_by_role("button", name="Отмена").click()
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Анна")

    page.keyboard.press("Escape")
    page.locator("#ask").get_by_role("button", name="Закрыть").click()
    expect(page.locator("#dialog-frame")).to_be_hidden()


def test_what_cannot_be_undone_is_asked_first(page: Page) -> None:
    page.get_by_role("button", name="Удалить").click()
    expect(page.get_by_role("heading", name="Удалить?")).to_be_visible()
    page.locator("#ask").get_by_role("button", name="Отмена").click()
    expect(page.locator(".note")).to_have_count(0)

    page.get_by_role("button", name="Удалить").click()
    page.locator("#ask").get_by_role("button", name="Да").click()
    expect(page.locator(".note-text")).to_have_text("Вернули как было")


def test_search_goes_by_keyboard_alone(
    open_browser: OpenBrowser, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.context.Shell.search_url", "/stage/search/")
    page = open_browser(olga, "/stage/")

    page.keyboard.press("/")
    page.keyboard.type("а")
    expect(page.get_by_role("option", name="Анна")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()

    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Борис")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("second$"))


def test_a_lost_connection_is_told_and_nothing_is_lost(page: Page, console: list[str]) -> None:
    page.get_by_role("button", name="Открыть").click()
    page.get_by_label("Имя", exact=True).fill("Анна")
    page.get_by_label("Телефон", exact=True).fill("12345")
    page.context.set_offline(True)
    page.get_by_role("button", name="Сохранить").click()

    expect(page.locator(".note-text")).to_contain_text("Нет связи с сервером")
    expect(page.get_by_label("Имя", exact=True)).to_have_value("Анна")

    page.context.set_offline(False)
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("#dialog-frame")).to_be_hidden()
    console.clear()


def test_a_fault_of_ours_is_told_in_plain_words(page: Page, console: list[str]) -> None:
    page.get_by_role("button", name="Сломать").click()

    expect(page.locator(".note-text")).to_contain_text("что-то пошло не так")
    console.clear()


def test_a_session_that_ended_is_renewed_in_another_tab(
    page: Page, open_browser: OpenBrowser, olga: User, console: list[str]
) -> None:
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Коснуться").click()
    expect(page.locator(".note-text")).to_contain_text("Ваш сеанс закончился")

    with page.context.expect_page() as opened:
        page.locator(".note-text").get_by_role("link", name="Войти").click()
    door = opened.value
    door.get_by_label("Логин").fill("olga")
    door.get_by_label("Пароль").fill("olga")
    door.get_by_role("button", name="Войти").click()
    door.wait_for_url(re.compile(r"^(?!.*sign-in)"))
    page.bring_to_front()
    page.get_by_role("button", name="Коснуться").click()

    expect(page.locator(".note-text").last).to_have_text("Вернули как было")
    console.clear()


def test_on_a_phone_the_menu_slides_in_and_out(open_browser: OpenBrowser, olga: User) -> None:
    page = open_browser(olga, "/stage/", size=PHONE)
    expect(page.locator("#side")).to_be_hidden()

    page.get_by_role("button", name="Меню", exact=True).click()
    expect(page.locator("#side")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator("#side")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
