from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.actions import LineOrder, book_session
from prescriptions.models import PrescriptionLine
from prescriptions.queries import ChainWish, Link, propose_chain
from prescriptions.queries.chain import cost_of
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_shift,
)
from tests.prescriptions.factories import NOW, make_booking, make_line


@pytest.fixture
def open_weeks(clinic: Clinic) -> None:
    """The doctor works every day of three weeks after `DAY`."""
    for day in range(1, 21):
        make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=day))


def course(clinic: Clinic, sessions: int) -> PrescriptionLine:
    """Every 2–3 days."""
    order = LineOrder(
        service_id=clinic.service.pk, sessions=sessions, every_min_days=2, every_max_days=3
    )
    return make_line(clinic, order)


def propose(line: PrescriptionLine, clock: str = "10:00", on: date = DAY) -> list[Link]:
    wish = ChainWish(from_on=on, clock=time.fromisoformat(clock))
    return propose_chain(line=line, wish=wish, now=NOW)


def starts(clinic: Clinic, links: list[Link]) -> list[str]:
    local = [link.slot.starts_at.astimezone(clinic.branch.zone) for link in links]
    return [start.strftime("%d.%m %H:%M") for start in local]


@pytest.mark.usefixtures("open_weeks")
def test_a_chain_keeps_the_interval_and_the_time_of_day(clinic: Clinic) -> None:
    links = propose(course(clinic, 4), "15:30")

    assert starts(clinic, links) == ["01.12 15:30", "03.12 15:30", "05.12 15:30", "07.12 15:30"]
    assert [(link.number, link.gap_days, link.is_late) for link in links] == [
        (1, None, False),
        (2, 2, False),
        (3, 2, False),
        (4, 2, False),
    ]


@pytest.mark.usefixtures("open_weeks")
def test_a_busy_hour_moves_to_the_same_hour_of_the_next_day_it_may(clinic: Clinic) -> None:
    for clock in ("13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30", "17:00", "17:30"):
        other = make_patient()
        make_appointment(clinic, clock, on=DAY + timedelta(days=2), patient=other)

    links = propose(course(clinic, 2), "15:30")

    assert starts(clinic, links)[1] == "04.12 15:30"


@pytest.mark.usefixtures("open_weeks")
def test_a_chain_goes_on_from_what_is_booked(clinic: Clinic) -> None:
    line = course(clinic, 3)
    book_session(line_id=line.pk, order=make_booking(clinic, "12:00"), actor_id=None, now=NOW)

    links = propose(line, "12:00")

    assert starts(clinic, links) == ["03.12 12:00", "05.12 12:00"]
    assert [link.number for link in links] == [2, 3]
    assert links[0].gap_days == 2


@pytest.mark.usefixtures("open_weeks")
def test_a_repeat_examination_follows_the_rest_of_the_course(clinic: Clinic) -> None:
    exam_order = LineOrder(
        service_id=clinic.service.pk, every_min_days=7, every_max_days=10, is_repeat_exam=True
    )
    line = make_line(clinic, LineOrder(service_id=clinic.service.pk), exam_order)
    exam = line.prescription.lines.get(position=2)
    book_session(line_id=line.pk, order=make_booking(clinic), actor_id=None, now=NOW)

    assert starts(clinic, propose(exam, "10:00")) == ["08.12 10:00"]


def test_a_gap_in_the_schedule_makes_the_session_late(clinic: Clinic) -> None:
    make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=9))

    links = propose(course(clinic, 3))

    assert starts(clinic, links) == ["01.12 10:00", "10.12 10:00"]
    assert [link.is_late for link in links] == [False, True]


@pytest.mark.usefixtures("open_weeks")
def test_another_specialist_steps_in_where_the_first_is_away(clinic: Clinic) -> None:
    colleague = make_employee(branches=[clinic.branch], services=[clinic.service])
    for day in (0, 2, 3):
        make_shift(colleague, clinic.branch, on=DAY + timedelta(days=day))
    clinic.doctor.shifts.filter(
        starts_at__date__in=[DAY + timedelta(days=2), DAY + timedelta(days=3)]
    ).delete()
    line = course(clinic, 3)
    wish = ChainWish(from_on=DAY, clock=time(10))

    by_anyone = propose_chain(line=line, wish=wish, now=NOW)
    by_doctor = propose_chain(
        line=line,
        wish=ChainWish(from_on=DAY, clock=time(10), employee_id=clinic.doctor.pk),
        now=NOW,
    )

    assert [link.slot.employee_id for link in by_anyone] == [
        clinic.doctor.pk,
        colleague.pk,
        clinic.doctor.pk,
    ]
    assert starts(clinic, by_doctor) == ["01.12 10:00", "05.12 10:00", "07.12 10:00"]
    assert [link.is_late for link in by_doctor] == [False, True, False]


def test_without_any_shift_nothing_is_proposed(clinic: Clinic) -> None:
    assert propose(course(clinic, 3), on=DAY + timedelta(days=1)) == []


CLOCKS = st.times(min_value=time(8), max_value=time(21))


@given(wish=CLOCKS, one=CLOCKS, other=CLOCKS)
def test_on_one_day_the_nearer_clock_is_cheaper(wish: time, one: time, other: time) -> None:
    def minutes(clock: time) -> int:
        return abs(clock.hour * 60 + clock.minute - wish.hour * 60 - wish.minute)

    def cost(clock: time) -> float:
        start, wished = datetime.combine(DAY, clock), datetime.combine(DAY, wish)
        return cost_of(start, wish=wished, is_other=False)[0]

    assert (cost(one) < cost(other)) == (minutes(one) < minutes(other))
