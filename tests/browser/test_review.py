"""An unhappy patient says so with a thumb; the manager takes the case and settles it."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from appointments.models import Appointment
from clinic.formats import format_moment
from clinic.models import User
from feedback.actions import answer_review, take_case
from feedback.models import Answer, Case, CaseStatus, ReviewSite
from messaging.actions import issue_link
from messaging.models import LinkPurpose
from tests.browser.conftest import NINE, PHONE, OpenBrowser
from tests.factories import Clinic, make_appointment, make_patient

pytestmark = pytest.mark.usefixtures("morning")


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "08:00", status=Appointment.Status.DONE)


@pytest.fixture
def address(visit: Appointment) -> str:
    """The link that the patient receives two hours after the visit, without the host."""
    link = issue_link(
        purpose=LinkPurpose.REVIEW,
        patient_id=visit.patient_id,
        subject_id=visit.pk,
        expires_at=NINE + timedelta(days=1),
        now=NINE,
    )
    return "/" + link.split("/", 3)[3]


def test_a_low_score_becomes_a_case_that_the_manager_settles(
    open_browser: OpenBrowser, visit: Appointment, address: str, viktor: User
) -> None:
    ReviewSite.objects.create(branch=visit.branch, name="Карты", url="https://example.ru/reviews")
    phone = open_browser(None, address, size=PHONE)
    expect(phone.get_by_role("radio")).to_have_count(11)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert not Answer.objects.exists()

    phone.get_by_role("radio", name="3", exact=True).check()
    phone.get_by_role("textbox").fill("Ждала сорок минут")
    phone.get_by_role("button", name="Отправить").click()

    expect(phone.get_by_role("link", name="Карты")).to_be_visible()
    case = Case.objects.get()
    assert (case.answer.score, case.status) == (3, CaseStatus.OPEN)

    office = open_browser(viktor, "/cases/")
    row = office.get_by_role("row", name=visit.patient.full_name)
    expect(row).to_contain_text("Ждала сорок минут")
    expect(row).to_contain_text(format_moment(case.due_at, visit.branch.zone))
    row.get_by_role("button", name="Взять").click()
    expect(row).to_contain_text(viktor.employee.short_name)
    row.get_by_role("button", name="Решить").click()
    office.get_by_label("Чем закончилось").fill("Извинились, примем без очереди")
    office.get_by_role("dialog").get_by_role("button", name="Решено").click()

    expect(row).to_have_count(0)
    expect(office.get_by_role("dialog")).to_be_hidden()
    case.refresh_from_db()
    assert (case.status, case.owner) == (CaseStatus.RESOLVED, viktor.employee)


def test_a_settled_case_leaves_the_list_as_it_was_filtered(
    open_browser: OpenBrowser, clinic: Clinic, visit: Appointment, viktor: User
) -> None:
    other = make_appointment(clinic, "08:30", patient=make_patient(), status="DONE")
    for appointment in (visit, other):
        answer_review(appointment_id=appointment.pk, score=0, comment="", now=NINE)
    mine = Case.objects.get(patient=visit.patient)
    take_case(case_id=mine.pk, employee_id=viktor.employee.pk)
    office = open_browser(viktor, "/cases/")
    rows = office.locator("tbody").get_by_role("row")
    expect(rows).to_have_count(2)

    office.get_by_label("Состояние").select_option(CaseStatus.IN_WORK)
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Решить").click()
    office.get_by_label("Чем закончилось").fill("Извинились")
    office.get_by_role("dialog").get_by_role("button", name="Решено").click()

    expect(rows).to_have_count(0)


def test_words_without_a_number_are_not_sent_and_not_lost(
    open_browser: OpenBrowser, visit: Appointment, address: str
) -> None:
    phone = open_browser(None, address, size=PHONE)
    words = phone.get_by_role("textbox")
    words.fill("Всё понравилось")
    phone.get_by_role("button", name="Отправить").click()

    expect(words).to_have_value("Всё понравилось")
    assert not Answer.objects.exists()

    phone.get_by_role("radio", name="10").check()
    phone.get_by_role("button", name="Отправить").click()

    expect(words).to_have_count(0)
    assert Answer.objects.get().comment == "Всё понравилось"
    assert not Case.objects.exists()
