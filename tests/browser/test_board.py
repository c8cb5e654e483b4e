"""Reception's board by mouse: a visit dragged, sprung back, cancelled and brought back."""

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from appointments.actions import OutsideShift, StaleVersion, move_appointment
from appointments.models import Appointment, CancelReason, Hold
from clinic.models import Employee, User
from tests.browser.conftest import NINE, OpenBrowser
from tests.factories import Clinic, make_appointment, make_employee, make_shift

pytestmark = pytest.mark.usefixtures("morning")

LENGTH = 30  # minutes of the visit, which is as high as its card


@pytest.fixture
def colleague(clinic: Clinic) -> Employee:
    """Works beside Dmitry until noon."""
    found = make_employee(
        last_name="Белова", first_name="Вера", branches=[clinic.branch], services=[clinic.service]
    )
    make_shift(found, clinic.branch, "09:00", "12:00")
    return found


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "10:00")


@pytest.fixture
def board(open_browser: OpenBrowser, olga: User, colleague: Employee, visit: Appointment) -> Page:
    return open_browser(olga, "/board/")


def card_on(board: Page) -> Locator:
    return board.locator(".card-event")


def carry(board: Page, *, to: Employee, minutes: int) -> None:
    """Take the only card with the mouse and hold it over another doctor, so much later."""
    held, head = box_of(card_on(board)), box_of(board.locator(".doctor-name", has_text=str(to)))
    left = held["x"] + held["width"] / 2
    top = held["y"] + held["height"] / 4
    board.mouse.move(left, top)
    board.mouse.down()
    later = held["height"] * minutes / LENGTH
    board.mouse.move(head["x"] + head["width"] / 2, top + later, steps=8)


def box_of(element: Locator) -> FloatRect:
    expect(element).to_be_visible()
    box = element.bounding_box()
    assert box is not None
    return box


def place_of(visit: Appointment) -> tuple[int, str]:
    visit.refresh_from_db()
    return visit.employee_id, f"{visit.starts_at.astimezone(visit.branch.zone):%H:%M}"


def test_a_visit_is_dragged_to_another_time_and_doctor_and_back(
    board: Page, visit: Appointment, clinic: Clinic, colleague: Employee
) -> None:
    carry(board, to=colleague, minutes=60)
    board.mouse.up()

    note = board.locator(".note-text")
    expect(note).to_contain_text(f"11:00, {colleague.short_name}")
    expect(card_on(board)).to_contain_text("11:00")
    assert place_of(visit) == (colleague.pk, "11:00")

    board.get_by_role("button", name="Вернуть", exact=True).click()

    expect(card_on(board)).to_contain_text("10:00")
    assert place_of(visit) == (clinic.doctor.pk, "10:00")


def test_a_visit_dropped_outside_the_shift_springs_back_and_free_times_are_offered(
    board: Page, visit: Appointment, clinic: Clinic, colleague: Employee
) -> None:
    carry(board, to=colleague, minutes=3 * 60)
    board.mouse.up()

    refusal = board.get_by_role("dialog").get_by_role("alert")
    expect(refusal).to_contain_text(str(OutsideShift.message))
    expect(card_on(board)).to_contain_text("10:00")
    assert place_of(visit) == (clinic.doctor.pk, "10:00")

    refusal.get_by_role("button").first.click()

    expect(board.get_by_role("dialog")).to_be_hidden()
    expect(board.locator(".note-text")).to_be_visible()
    assert place_of(visit) != (clinic.doctor.pk, "10:00")


def test_a_visit_that_somebody_else_moved_meanwhile_shows_where_it_is(
    board: Page, visit: Appointment, clinic: Clinic, colleague: Employee
) -> None:
    carry(board, to=colleague, minutes=60)
    move_appointment(
        appointment_id=visit.pk,
        starts_at=clinic.at("15:00"),
        employee_id=clinic.doctor.pk,
        version=visit.version,
        actor_id=None,
        now=NINE,
    )
    board.mouse.up()

    expect(board.locator(".note-text")).to_have_text(str(StaleVersion.message))
    expect(card_on(board)).to_contain_text("15:00")
    assert place_of(visit) == (clinic.doctor.pk, "15:00")


def test_a_visit_dropped_while_the_connection_is_lost_springs_back(
    board: Page, visit: Appointment, clinic: Clinic, colleague: Employee, console: list[str]
) -> None:
    carry(board, to=colleague, minutes=60)
    board.context.set_offline(True)
    board.mouse.up()

    expect(board.locator(".note-text")).to_contain_text("Нет связи")
    expect(card_on(board)).to_contain_text("10:00")
    assert place_of(visit) == (clinic.doctor.pk, "10:00")
    console.clear()


def test_a_visit_is_cancelled_with_a_reason_and_brought_back(
    board: Page, visit: Appointment
) -> None:
    card_on(board).click()
    board.get_by_role("button", name="Отменить запись").click()
    board.get_by_label(str(CancelReason.ILLNESS.label)).check()
    board.get_by_role("button", name="Отменить запись").click()

    expect(card_on(board)).to_have_count(0)
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == ("CANCELLED", "ILLNESS")

    board.get_by_role("button", name="Вернуть", exact=True).click()

    expect(card_on(board)).to_contain_text("10:00")
    visit.refresh_from_db()
    assert visit.status == "BOOKED"


def test_a_time_held_in_the_dialog_is_let_go_when_it_is_closed(
    board: Page, clinic: Clinic, colleague: Employee
) -> None:
    board.get_by_role("button", name="Записать").first.click()
    dialog = board.locator("#dialog")
    for label, choice in (("Врач", colleague.pk), ("Услуга", clinic.service.pk)):
        with board.expect_response("**/board/booking/times/**"):
            dialog.get_by_label(label).select_option(str(choice))
    dialog.get_by_role("textbox", name="Время").fill("11:00")
    expect(dialog.locator("[data-release]")).to_be_visible()
    assert Hold.objects.get().employee == colleague

    with board.expect_response("**/board/booking/release/"):
        dialog.get_by_role("button", name="Закрыть").click()
        board.locator("#ask").get_by_role("button").last.click()

    assert not Hold.objects.exists()
