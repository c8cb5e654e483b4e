"""A package is bought before the first of its visits and pays for it at once."""

import pytest
from playwright.sync_api import expect

from appointments.models import Visit
from clinic.models import User
from packages.models import Package
from tests.browser.conftest import OpenBrowser
from tests.factories import Clinic, make_appointment
from tests.packages.factories import left_of, make_type

pytestmark = pytest.mark.usefixtures("morning")


def test_a_package_sold_at_check_out_pays_for_the_visit(
    open_browser: OpenBrowser, clinic: Clinic, olga: User
) -> None:
    kind = make_type(clinic.service, name="Массаж, 3", freeze_days=5)
    visit = make_appointment(clinic, "09:00")
    page = open_browser(olga, f"/appointments/{visit.pk}/check-out/")
    expect(page.locator("[data-sum=owed]")).to_have_text("2 500,00 ₽")

    page.get_by_role("button", name="Продать абонемент").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Абонемент").select_option(str(kind.pk))
    dialog.get_by_label("наличными").check()
    dialog.get_by_role("button", name="Принять оплату и продать").click()

    expect(page.get_by_label("Чем оплачено").first).to_contain_text("осталось 3 из 3")
    expect(page.locator("[data-sum=owed]")).to_have_text("0,00 ₽")
    page.get_by_role("button", name="Завершить и рассчитать").click()
    expect(page.locator(".outcome-title")).to_have_text("Оплачено: 0,00 ₽")
    package = Package.objects.get()
    assert Visit.objects.get().total == 0
    assert left_of(package) == 2

    page.get_by_role("link", name="Открыть", exact=True).click()
    page.get_by_role("button", name="Заморозить").click()
    expect(page.get_by_role("button", name="Разморозить")).to_be_visible()
    page.get_by_role("button", name="Вернуть деньги").click()
    expect(page.get_by_role("dialog")).to_contain_text("3 500,00 ₽")
