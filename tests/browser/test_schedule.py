"""Who takes patients when: shifts, absences, and the patients whom an absence leaves alone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clinic.formats import format_day
from clinic.models import Employee, Shift, TimeOff, TimeOffKind, User
from tests.browser.conftest import OpenBrowser
from tests.factories import DAY, Clinic, make_appointment, make_employee, make_shift

pytestmark = pytest.mark.usefixtures("morning")

TOMORROW = DAY + timedelta(days=1)


@pytest.fixture
def newcomer(clinic: Clinic) -> Employee:
    """Has no shifts yet."""
    return make_employee(
        last_name="Белова", first_name="Вера", branches=[clinic.branch], services=[clinic.service]
    )


@pytest.fixture
def schedule(open_browser: OpenBrowser, olga: User, newcomer: Employee) -> Page:
    return open_browser(olga, "/schedule/")


def open_cell(page: Page, employee: Employee) -> None:
    """Press the plus in the employee's cell of tomorrow."""
    label = f"Добавить смену: {employee.short_name}, {format_day(TOMORROW)}"
    page.get_by_role("button", name=label).click()


def test_a_shift_is_added_and_a_second_one_over_it_is_refused(
    schedule: Page, newcomer: Employee
) -> None:
    open_cell(schedule, newcomer)
    dialog = schedule.get_by_role("dialog")
    starts, ends = dialog.locator("[name=starts]"), dialog.locator("[name=ends]")
    starts.fill("10:00")
    ends.fill("16:00")
    dialog.get_by_role("button", name="Добавить", exact=True).click()

    block = schedule.get_by_role("button", name=f"{newcomer.short_name}, {format_day(TOMORROW)}")
    expect(block.filter(has_text="10:00–16:00")).to_be_visible()

    open_cell(schedule, newcomer)
    starts.fill("15:00")
    ends.fill("19:00")
    dialog.get_by_role("button", name="Добавить", exact=True).click()

    expect(dialog.locator(".errorlist")).to_contain_text("10:00–16:00")
    expect(ends).to_have_value("19:00")
    assert Shift.objects.filter(employee=newcomer).count() == 1


def test_an_absence_shows_whom_it_leaves_alone_until_they_are_moved(
    schedule: Page, clinic: Clinic
) -> None:
    visit = make_appointment(clinic, "10:00", on=TOMORROW)
    open_cell(schedule, clinic.doctor)
    dialog = schedule.get_by_role("dialog")
    dialog.get_by_role("button", name="Указать отсутствие").click()
    dialog.get_by_label("Причина").select_option(TimeOffKind.SICK_LEAVE)
    dialog.get_by_role("button", name="Добавить").click()

    expect(dialog.get_by_role("alert")).to_contain_text(visit.patient.full_name)
    assert not TimeOff.objects.exists()

    dialog.get_by_role("button", name="Сохранить с этими решениями").click()
    outside = schedule.locator(".outside")
    expect(outside).to_contain_text(visit.patient.full_name)
    assert TimeOff.objects.get().kind == TimeOffKind.SICK_LEAVE

    outside.get_by_role("button", name="Перенести").click()
    dialog.locator("[data-take]").first.click()

    expect(outside).to_have_count(0)
    visit.refresh_from_db()
    assert visit.starts_at > clinic.at("18:00", TOMORROW)


def test_a_vacation_hands_its_patients_to_a_colleague_before_it_is_saved(
    schedule: Page, clinic: Clinic, newcomer: Employee
) -> None:
    make_shift(newcomer, clinic.branch, on=TOMORROW)
    visit = make_appointment(clinic, "10:00", on=TOMORROW)
    open_cell(schedule, clinic.doctor)
    dialog = schedule.get_by_role("dialog")
    dialog.get_by_role("button", name="Указать отсутствие").click()
    dialog.get_by_label("Причина").select_option(TimeOffKind.VACATION)
    dialog.get_by_role("button", name="Добавить").click()
    answer = dialog.locator(f"[name=way-{visit.pk}]")
    expect(answer).to_have_value("call")

    dialog.get_by_role("button", name="коллегам").click()

    expect(answer).to_have_value(re.compile(f"^{newcomer.pk}@"))
    assert not TimeOff.objects.exists()
    dialog.get_by_role("button", name="Сохранить с этими решениями").click()
    expect(schedule.get_by_text("Перенесена 1 запись.")).to_be_visible()
    visit.refresh_from_db()
    assert (visit.employee, visit.starts_at) == (newcomer, clinic.at("10:00", TOMORROW))
    expect(schedule.locator(".outside")).to_have_count(0)
