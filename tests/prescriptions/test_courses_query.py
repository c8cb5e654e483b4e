from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from appointments.actions import finish_visit
from clinic.models import Employee, User
from prescriptions.actions import LineOrder, book_session, drop_line, hand_over_line
from prescriptions.models import LineStatus, PrescriptionLine
from prescriptions.queries import (
    LineFilter,
    access_line,
    count_states,
    filter_lines,
    is_overdue,
    list_lines,
    list_open_lines,
)
from tests.factories import Clinic, make_appointment, make_employee, make_patient, make_service
from tests.prescriptions.factories import NOW, make_booking, make_line

DAY_LENGTH = timedelta(days=1)


def book(clinic: Clinic, line: PrescriptionLine, clock: str = "10:00") -> int:
    order = make_booking(clinic, clock)
    return book_session(line_id=line.pk, order=order, actor_id=None, now=NOW).pk


def employee_of(user: User) -> Employee:
    return Employee.objects.get(user=user)


def test_a_line_is_counted_by_the_database(clinic: Clinic, olga: User) -> None:
    line = make_line(clinic, LineOrder(service_id=clinic.service.pk, sessions=5))
    done = book(clinic, line, "10:00")
    book(clinic, line, "11:00")
    finish_visit(appointment_id=done, lines=[], actor_id=None, now=clinic.at("10:30"))
    lost = make_appointment(clinic, "12:00", status="CANCELLED", cancel_reason="ILLNESS")
    line.booked.create(appointment=lost)

    counted = list_lines(actor=olga).get()

    assert (counted.attended, counted.ahead, counted.missing) == (1, 1, 3)
    assert (counted.next_at, counted.last_at) == (clinic.at("11:00"), clinic.at("11:00"))
    assert counted.at_stake == 3 * clinic.service.price
    assert counted.book_by_at == clinic.at("11:00") + timedelta(days=8)


def test_the_first_session_is_late_some_days_after_the_prescription(
    clinic: Clinic, olga: User
) -> None:
    make_line(clinic)
    line = list_lines(actor=olga).get()

    assert not is_overdue(line, now=NOW + 3 * DAY_LENGTH)
    assert is_overdue(line, now=NOW + 3 * DAY_LENGTH + timedelta(seconds=1))


def test_a_closed_line_lacks_nothing_and_is_never_overdue(clinic: Clinic, olga: User) -> None:
    line = make_line(clinic)
    drop_line(line_id=line.pk, reason="OTHER", note="", actor_id=None, now=NOW)

    counted = list_lines(actor=olga).get()

    assert counted.missing == 0
    assert not is_overdue(counted, now=NOW + 100 * DAY_LENGTH)


def test_each_count_is_that_of_the_rows_behind_it(clinic: Clinic, olga: User) -> None:
    late = NOW + 4 * DAY_LENGTH
    waiting = make_line(clinic)
    taken = make_line(clinic, LineOrder(service_id=clinic.service.pk, sessions=1))
    hand_over_line(line_id=taken.pk, specialist_id=None, actor_id=None, now=NOW)
    booked = make_line(clinic, LineOrder(service_id=clinic.service.pk, sessions=1))
    book(clinic, booked)
    dropped = make_line(clinic)
    drop_line(line_id=dropped.pk, reason="OTHER", note="", actor_id=None, now=NOW)
    lines = list_lines(actor=olga)

    counts = count_states(lines, now=late)

    assert counts.by_status == {
        LineStatus.PRESCRIBED: 1,
        LineStatus.HANDED_OVER: 1,
        LineStatus.BOOKED: 1,
        LineStatus.DROPPED: 1,
    }
    assert (counts.open, counts.overdue) == (3, 2)
    assert counts.at_stake == 3 * Decimal(clinic.service.price)
    for state, expected in [
        ("open", [waiting, taken, booked]),
        ("overdue", [waiting, taken]),
        ("BOOKED", [booked]),
        ("", [waiting, taken, booked, dropped]),
    ]:
        found = filter_lines(lines, by=LineFilter(state=state), now=late)
        assert list(found.order_by("id")) == expected


def test_lines_are_narrowed_by_who_where_and_what(clinic: Clinic, olga: User) -> None:
    mine = make_line(clinic)
    other = make_line(clinic, patient_id=make_patient(last_name="Ёжикова").pk)
    lines = list_lines(actor=olga)

    def found(by: LineFilter) -> list[PrescriptionLine]:
        return list(filter_lines(lines, by=by, now=NOW).order_by("id"))

    assert found(LineFilter(doctor_id=clinic.doctor.pk)) == [mine, other]
    assert found(LineFilter(branch_id=clinic.branch.pk + 1)) == []
    assert found(LineFilter(kind="MASSAGE")) == []
    assert found(LineFilter(patient_key="ежик")) == [other]
    assert found(LineFilter(specialist_id=clinic.doctor.pk)) == []


def test_a_doctor_sees_what_he_prescribed_took_or_could_take(clinic: Clinic, dmitry: User) -> None:
    me = employee_of(dmitry)
    own_service = make_service()
    me.services.add(own_service)
    prescribed = make_line(clinic, doctor_id=me.pk)
    could_take = make_line(clinic, LineOrder(service_id=own_service.pk))
    taken_by_other = make_line(clinic, LineOrder(service_id=own_service.pk))
    colleague = make_employee(branches=[clinic.branch], services=[own_service])
    hand_over_line(line_id=taken_by_other.pk, specialist_id=colleague.pk, actor_id=None, now=NOW)
    make_line(clinic)

    assert list(list_lines(actor=dmitry).order_by("id")) == [prescribed, could_take]


def test_a_line_is_found_by_whom_it_concerns(
    clinic: Clinic, olga: User, dmitry: User, marina: User, viktor: User, stranger: User
) -> None:
    line = make_line(clinic)

    for colleague in (olga, viktor):
        assert access_line(actor=colleague, line_id=line.pk) == line
    for colleague in (dmitry, marina):
        with pytest.raises(PermissionDenied):
            access_line(actor=colleague, line_id=line.pk)
    with pytest.raises(Http404):
        access_line(actor=stranger, line_id=line.pk)
    with pytest.raises(Http404):
        access_line(actor=olga, line_id=10**9)


def test_the_card_shows_what_is_still_to_be_done(clinic: Clinic) -> None:
    line = make_line(clinic)
    dropped = make_line(clinic)
    drop_line(line_id=dropped.pk, reason="OTHER", note="", actor_id=None, now=NOW)

    assert list(list_open_lines(patient_id=clinic.patient.pk)) == [line]
