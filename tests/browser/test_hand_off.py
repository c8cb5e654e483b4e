"""From the doctor's tablet to a booked course and a paid visit, by mouse and thumb."""

import pytest
from playwright.sync_api import expect

from appointments.models import Appointment, Payment
from clinic.models import User
from prescriptions.models import DropReason, LineStatus, PrescriptionLine
from tests.browser.conftest import NINE, PHONE, OpenBrowser
from tests.factories import Clinic, make_appointment
from tests.prescriptions.factories import make_line
from tests.worklist.factories import make_task
from worklist.models import Task

pytestmark = pytest.mark.usefixtures("morning")


def test_a_doctor_prescribes_with_a_thumb_and_reception_books_with_a_click(
    open_browser: OpenBrowser, clinic: Clinic, dmitry: User, olga: User
) -> None:
    make_appointment(clinic, "09:00")
    phone = open_browser(dmitry, "/my-day/", size=PHONE)

    phone.get_by_role("button", name="Начать").click()
    phone.get_by_role("link", name="Назначить").click()
    phone.get_by_label("Услуга").select_option(str(clinic.service.pk))
    phone.get_by_label("Сеансов").fill("2")
    phone.get_by_role("button", name="Ещё услуга").click()
    exam = phone.locator("[data-line]").nth(1)
    exam.get_by_label("Услуга").select_option(str(clinic.service.pk))
    exam.get_by_label("Повторный осмотр").check()
    expect(exam.get_by_label("Сеансов")).to_have_value("1")
    phone.get_by_role("button", name="Назначить").click()
    expect(phone.locator(".note-text")).to_have_text("Курс назначен: у регистратуры 2 задачи.")

    desk = open_browser(olga, "/tasks/")
    expect(desk.locator(".task")).to_have_count(2)
    desk.locator(".task").first.get_by_role("link", name="Записать").click()
    expect(desk.locator(".chain-link")).to_have_count(2)
    desk.get_by_role("button", name="Записать на это время").click()
    expect(desk.get_by_text("Все сеансы записаны.").first).to_be_visible()

    line = PrescriptionLine.objects.get(position=1)
    assert (line.status, line.booked.count()) == (LineStatus.BOOKED, 2)
    assert Task.objects.get(subject_id=line.pk).status == Task.Status.DONE


def test_a_time_changed_by_hand_stays_and_the_rest_follows(
    open_browser: OpenBrowser, clinic: Clinic, dmitry: User, olga: User
) -> None:
    make_appointment(clinic, "09:00", status="IN_PROGRESS")
    doctor = open_browser(dmitry, f"/prescribe/?patient={clinic.patient.pk}")
    doctor.get_by_label("Услуга").select_option(str(clinic.service.pk))
    doctor.get_by_label("Сеансов").fill("2")
    doctor.get_by_role("button", name="Назначить").click()
    line = PrescriptionLine.objects.get()

    desk = open_browser(olga, f"/courses/{line.pk}/")
    times = desk.locator(".chain-link select")
    later = times.first.locator("option").nth(6).get_attribute("value")
    times.first.select_option(later)

    expect(times.first).to_have_value(later or "")
    expect(times).to_have_count(2)


def test_a_course_is_dropped_taken_up_again_and_dropped_once_more(
    open_browser: OpenBrowser, clinic: Clinic, olga: User
) -> None:
    line = make_line(clinic)
    page = open_browser(olga, f"/courses/{line.pk}/")
    dialog = page.get_by_role("dialog")
    for reason in (DropReason.NO_TIME, DropReason.EXPENSIVE):
        page.get_by_role("button", name="Прервать курс").click()
        dialog.get_by_label(str(reason.label)).check()
        dialog.get_by_role("button", name="Прервать курс").click()
        back = page.get_by_role("button", name="Вернуть в работу")
        expect(back).to_be_visible()
        expect(dialog).to_be_hidden()
        line.refresh_from_db()
        assert (line.status, line.drop_reason) == (LineStatus.DROPPED, reason)
        back.click()

    expect(page.get_by_role("button", name="Прервать курс")).to_be_visible()
    line.refresh_from_db()
    assert line.status == LineStatus.PRESCRIBED


def test_cash_shows_its_change_and_the_bill_is_paid(
    open_browser: OpenBrowser, clinic: Clinic, olga: User
) -> None:
    visit = make_appointment(clinic, "09:00")
    page = open_browser(olga, f"/appointments/{visit.pk}/check-out/")

    page.get_by_label("Получено наличными").fill("5000")
    expect(page.locator("[data-sum=change]")).to_have_text("2 500,00 ₽")
    page.get_by_role("button", name="Завершить и рассчитать").click()

    expect(page.locator(".outcome-title")).to_have_text("Оплачено: 2 500,00 ₽")
    visit.refresh_from_db()
    assert visit.status == Appointment.Status.DONE
    assert Payment.objects.get().method == "CASH"


def test_a_call_without_an_answer_goes_down_in_three_clicks(
    open_browser: OpenBrowser, clinic: Clinic, olga: User
) -> None:
    make_task(clinic.branch, clinic.patient, now=NINE)
    page = open_browser(olga, "/tasks/")

    page.get_by_role("button", name="Звонок").click()
    page.get_by_label("Нет ответа").check()
    page.get_by_role("button", name="Сохранить", exact=True).click()

    expect(page.locator(".note-text")).to_have_text("Звонок записан.")
    expect(page.locator(".task")).to_contain_text("1 звонок")
    assert Task.objects.get().attempts == 1
