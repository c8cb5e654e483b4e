"""Marina asks by a nested rule, reads who is in and why, and gives the segment to a scenario."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from appointments.models import PatientTotals
from campaigns.models import Scenario, Segment
from clinic.models import User
from patients.models import Sex
from tests.browser.conftest import OpenBrowser
from tests.campaigns.segments.factories import make_segment
from tests.factories import make_patient

RULE = {
    "all": [
        {"trait": "sex", "op": "in", "value": ["F"]},
        {
            "any": [
                {"trait": "has_phone", "op": "yes"},
                {"trait": "visits", "op": "gte", "value": 5},
            ]
        },
    ]
}


@pytest.fixture(autouse=True)
def patients(marina: User) -> None:
    """Two women meet `RULE`, each by another half of it; a woman and a man do not."""
    add("Звонкова", sex=Sex.FEMALE, phone="+79161112233")
    PatientTotals.objects.create(patient_id=add("Частова", sex=Sex.FEMALE), visits=7)
    add("Редкова", sex=Sex.FEMALE)
    add("Мужев", sex=Sex.MALE, phone="+79161112244")


def add(last_name: str, **fields: Any) -> int:
    return make_patient(last_name=last_name, **fields).pk


def groups_of(page: Page) -> Locator:
    """The whole rule first, then the groups inside it."""
    return page.get_by_role("group", name="Группа условий", exact=True)


def ask_for(group: Locator, trait: str) -> None:
    """Add a condition at the end of a group."""
    group.get_by_role("button", name="Условие", exact=True).last.click()
    group.get_by_label("Признак", exact=True).last.select_option(trait)


def build_rule(page: Page) -> None:
    """Build `RULE` by mouse, on whatever page the widget stands."""
    whole = groups_of(page).first
    ask_for(whole, "sex")
    page.get_by_text("Выберите…").click()
    page.get_by_label(str(Sex.FEMALE.label)).check()
    whole.get_by_role("button", name="Группа условий").click()
    inner = groups_of(page).nth(1)
    inner.get_by_label("Признак", exact=True).select_option("has_phone")
    ask_for(inner, "visits")
    page.get_by_label("Число", exact=True).fill("5")


def expect_count(page: Page, count: str) -> None:
    size = page.locator(".rule-builder").get_by_role("status")
    expect(size).to_contain_text("подходят под правило сейчас")
    expect(size.locator(".rule-figure")).to_have_text(count)


def test_a_nested_rule_is_built_counted_explained_and_saved(
    open_browser: OpenBrowser, marina: User
) -> None:
    page = open_browser(marina, "/segments/add/")
    page.get_by_label("Название сегмента").fill("Знакомые")
    build_rule(page)
    expect_count(page, "2")

    page.get_by_role("button", name="Показать первых пациентов").click()
    people = page.locator("#preview tbody").get_by_role("row")
    expect(people).to_have_count(2)
    people.filter(has_text="Частова").get_by_role("button", name="Почему").click()
    why = page.get_by_role("dialog")
    expect(why.locator(".why-yes")).to_have_count(4)
    expect(why.locator(".why-no")).to_have_count(1)
    why.get_by_role("button", name="Закрыть").last.click()
    expect(why).to_be_hidden()

    page.get_by_role("button", name="Сохранить").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Знакомые")
    expect(page.locator("#members tbody").get_by_role("row")).to_have_count(2)
    assert Segment.objects.get().rule == RULE
    page.get_by_label("Входит ли пациент и почему?").fill("Редкова")
    page.locator("#checked").get_by_role("button", name="Редкова").click()
    expect(page.get_by_role("dialog")).to_contain_text("не в сегменте")


def test_a_condition_left_open_is_shown_and_the_step_back_takes_it_away(
    open_browser: OpenBrowser, marina: User
) -> None:
    page = open_browser(marina, "/segments/add/")
    page.get_by_label("Название сегмента").fill("Мужчины")
    ask_for(groups_of(page).first, "sex")
    page.get_by_role("button", name="Сохранить").click()

    expect(page.get_by_role("alert")).to_have_text("Допишите условие или удалите его.")
    expect(page).to_have_url(re.compile("/segments/add/$"))
    assert not Segment.objects.exists()

    page.get_by_role("button", name="Отменить").click()
    page.get_by_role("button", name="Отменить").click()
    page.get_by_role("button", name="Сохранить").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Мужчины")
    assert Segment.objects.get().rule == {"all": []}


def test_a_scenario_takes_only_the_segment_and_says_why_not(
    open_browser: OpenBrowser, marina: User
) -> None:
    segment = make_segment(name="Знакомые", rule=RULE)
    scenario = Scenario.objects.get(code="reactivation")
    page = open_browser(marina, f"/scenarios/{scenario.pk}/")
    page.get_by_label("Только для сегмента").select_option(label="Знакомые")
    page.get_by_role("button", name="Сохранить").click()

    expect(page.get_by_role("status").filter(has_text="Сохранено")).to_be_visible()
    scenario.refresh_from_db()
    assert scenario.segment == segment

    page.get_by_role("link", name="Почему да, почему нет").click()
    page.get_by_role("searchbox", name="Пациент").fill("Редкова")
    page.get_by_role("link", name="Редкова").click()
    finding = page.get_by_role("listitem").filter(has_text="Пациент входит в сегмент")
    expect(finding).to_contain_text("нет")
    expect(finding).to_contain_text("Знакомые")


def test_the_same_widget_stands_in_the_administration(
    open_browser: OpenBrowser, marina: User
) -> None:
    marina.is_staff = True
    marina.save()
    page = open_browser(marina, "/admin/campaigns/segment/add/")
    page.get_by_label("Название").fill("Знакомые")
    build_rule(page)
    expect_count(page, "2")

    page.locator("[name=_save]").click()

    expect(page.get_by_role("link", name="Знакомые").first).to_be_visible()
    assert Segment.objects.get().rule == RULE
