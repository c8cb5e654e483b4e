"""Viktor narrows the funnel and opens the requests behind each figure."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clinic.models import User
from patients.models import Source
from tests.browser.conftest import OpenBrowser
from tests.factories import Clinic, make_branch, make_clinic, make_source
from tests.reports.factories import NOW, ask


@pytest.fixture
def maps(db: None) -> Source:
    return make_source(name="Карты")


@pytest.fixture
def narrow(viktor: User, maps: Source) -> Clinic:
    """Where five requests came from the maps; others came elsewhere or from elsewhere."""
    clinic = make_clinic(branch=viktor.employee.branches.get())
    elsewhere = make_clinic(branch=make_branch(name="Алтай"))
    for status in ("DONE", "NO_SHOW", "BOOKED", ""):
        ask(clinic, status, source=maps)
    lost = ask(clinic, source=maps, created_at=NOW - timedelta(days=3))
    lost.status, lost.loss_reason = "LOST", "EXPENSIVE"
    lost.save()
    ask(clinic, "DONE", source=make_source(name="Вывеска"))
    ask(elsewhere, "DONE", source=maps)
    ask(elsewhere)
    return clinic


@pytest.fixture
def funnel(open_browser: OpenBrowser, viktor: User, narrow: Clinic) -> Page:
    return open_browser(viktor, "/funnel/")


def test_each_figure_opens_as_many_rows(funnel: Page, narrow: Clinic, maps: Source) -> None:
    figures = funnel.locator(".funnel-count")
    expect(figures).to_have_text(["8", "5", "3", "0"])

    funnel.get_by_label("Источник", exact=True).select_option(label="Карты")
    expect(figures).to_have_text(["6", "4", "2", "0"])
    funnel.get_by_label("Филиал", exact=True).select_option(label=str(narrow.branch))
    expect(figures).to_have_text(["5", "3", "1", "0"])

    links = funnel.locator(".funnel-count, .funnel-loss a").all()
    behind = [(link.inner_text().split()[-1], link.get_attribute("href")) for link in links]
    assert len(behind) == 4 + 5  # the steps, and why somebody went no further
    for figure, address in behind:
        funnel.goto(str(address))
        expect(funnel.locator("tbody").get_by_role("row")).to_have_count(int(figure))


def test_the_way_back_keeps_what_was_chosen(funnel: Page, maps: Source) -> None:
    funnel.get_by_label("Источник", exact=True).select_option(label="Карты")
    figures = funnel.locator(".funnel-count")
    expect(figures).to_have_text(["6", "4", "2", "0"])

    figures.first.click()
    expect(funnel.locator("tbody").get_by_role("row")).to_have_count(6)
    funnel.locator(".page-back").click()

    expect(funnel.get_by_label("Источник", exact=True)).to_have_value(str(maps.pk))
    expect(figures).to_have_text(["6", "4", "2", "0"])
