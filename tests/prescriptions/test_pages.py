import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment
from clinic.models import Employee, User
from prescriptions.actions import LineOrder, prescribe_course
from prescriptions.models import LineStatus, Prescription, PrescriptionLine
from tests.factories import DAY, Clinic, make_appointment, make_patient, make_shift
from tests.prescriptions.factories import NOW, make_course_order

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
CHAIN = HTMX | {"HX-Target": "chain"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """The pages go by the clock: it is noon of the day before `DAY`."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client_for: SignIn, olga: User) -> Client:
    return client_for(olga)


@pytest.fixture
def line(clinic: Clinic) -> PrescriptionLine:
    """Two sessions, every 2–3 days; the doctor works the next week."""
    for day in range(1, 7):
        make_shift(clinic.doctor, clinic.branch, on=DAY + timedelta(days=day))
    order = make_course_order(clinic)
    return prescribe_course(order=order, actor_id=None, now=NOW).lines.get()


def show(client: Client, name: str, *args: int, query: str = "") -> str:
    return client.get(reverse(f"prescriptions:{name}", args=args) + query).content.decode()


def slots_of(html: str) -> list[str]:
    """The times proposed: the first choice of each session."""
    selects = html.split('name="slot"')[1:]
    return [select.split('option value="')[1].split('"')[0] for select in selects]


def test_the_list_shows_how_far_each_line_has_come(desk: Client, line: PrescriptionLine) -> None:
    html = show(desk, "courses")

    assert line.prescription.patient.full_name in html
    assert html.count("dash-missing") == 2
    assert "Записать 2" in html


def test_the_list_costs_few_queries(
    desk: Client,
    clinic: Clinic,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for _ in range(10):
        order = make_course_order(clinic, patient_id=make_patient().pk)
        prescribe_course(order=order, actor_id=None, now=NOW)
    show(desk, "courses")

    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]  # a context manager
        show(desk, "courses")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("?state=PRESCRIBED", True),
        ("?state=BOOKED", False),
        ("?state=overdue", False),
        ("?text=нетакой", False),
        ("?kind=MASSAGE", False),
        ("?state=nonsense&doctor=x", True),
    ],
)
def test_filters_narrow_the_list(
    desk: Client, line: PrescriptionLine, query: str, is_found: bool
) -> None:
    html = show(desk, "courses", query=query)

    assert (line.prescription.patient.full_name in html) is is_found
    assert ("Ничего не найдено" in html) is not is_found


def test_a_proposed_chain_is_booked_by_one_button(desk: Client, line: PrescriptionLine) -> None:
    slots = slots_of(show(desk, "line", line.pk))
    assert len(slots) == 2

    answer = desk.post(
        reverse("prescriptions:line_book", args=[line.pk]),
        {"slot": slots, "key": "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c001"},
    )

    assert answer.status_code == 302
    line.refresh_from_db()
    assert line.status == LineStatus.BOOKED
    assert Appointment.objects.count() == 2
    assert "Все сеансы записаны" in show(desk, "line", line.pk)


def test_a_session_left_for_later_is_not_booked(desk: Client, line: PrescriptionLine) -> None:
    slots = slots_of(show(desk, "line", line.pk))

    desk.post(
        reverse("prescriptions:line_book", args=[line.pk]),
        {"slot": slots, "skip": slots[1:], "key": "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c002"},
    )

    assert Appointment.objects.count() == 1


def test_a_time_changed_by_hand_moves_what_follows(
    desk: Client, clinic: Clinic, line: PrescriptionLine
) -> None:
    later = clinic.at("16:00", DAY + timedelta(days=2))
    chosen = f"{clinic.doctor.pk}/{clinic.branch.pk}/{later.isoformat()}"
    wish = f"from_on={DAY}&clock=10:00&specialist="
    slots = [chosen, "x"]
    query = f"?changed=1&{wish}" + "".join(f"&slot={slot.replace('+', '%2B')}" for slot in slots)

    html = desk.get(
        reverse("prescriptions:line", args=[line.pk]) + query, headers=CHAIN
    ).content.decode()

    first, second = slots_of(html)
    assert first == chosen
    assert clinic.at("10:00", DAY + timedelta(days=4)).isoformat() in second


def test_a_time_taken_meanwhile_is_explained_and_nothing_is_booked(
    desk: Client, clinic: Clinic, line: PrescriptionLine
) -> None:
    slots = slots_of(show(desk, "line", line.pk))
    starts_at = datetime.fromisoformat(slots[1].split("/")[2])
    make_appointment(clinic, starts_at=starts_at, patient=make_patient())

    answer = desk.post(
        reverse("prescriptions:line_book", args=[line.pk]),
        {"slot": slots, "key": "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c003"},
        headers=CHAIN,
    )

    assert answer.status_code == 409
    assert "Ничего пока не записано" in answer.content.decode()
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("slot", ["", "x", "1/2", "1/2/2026-13-01", "1/2/2026-12-01T10:00"])
def test_a_slot_that_is_none_books_nothing(desk: Client, line: PrescriptionLine, slot: str) -> None:
    answer = desk.post(
        reverse("prescriptions:line_book", args=[line.pk]),
        {"slot": slot, "key": "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c004"},
    )

    assert answer.status_code == 409
    assert not Appointment.objects.exists()


def test_a_line_is_dropped_with_a_reason_and_taken_up_again(
    desk: Client, line: PrescriptionLine
) -> None:
    address = reverse("prescriptions:line_drop", args=[line.pk])
    assert desk.post(address, {"note": "x"}).status_code == 422

    answer = desk.post(address, {"reason": "NO_TIME", "note": ""}, headers=HTMX)

    assert answer.status_code == 204
    line.refresh_from_db()
    assert (line.status, line.drop_reason) == (LineStatus.DROPPED, "NO_TIME")
    undo = json.loads(answer.headers["HX-Trigger"])["toasts"]["notes"][0]["undo"]
    desk.post(undo, headers=HTMX)
    line.refresh_from_db()
    assert line.status == LineStatus.PRESCRIBED


def test_a_specialist_takes_what_waits(
    client_for: SignIn, clinic: Clinic, line: PrescriptionLine, dmitry: User
) -> None:
    me = Employee.objects.get(user=dmitry)
    me.services.add(clinic.service)
    doctor = client_for(dmitry)
    assert "Ждут специалиста" in show(doctor, "my_lines")

    doctor.post(reverse("prescriptions:line_take", args=[line.pk]), headers=HTMX)

    line.refresh_from_db()
    assert (line.specialist, line.status) == (me, LineStatus.HANDED_OVER)
    html = show(doctor, "my_lines")
    assert "Ждут специалиста" not in html
    assert line.prescription.patient.full_name in html


def form_of(clinic: Clinic, **fields: str) -> dict[str, str]:
    return {
        "key": "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c005",
        "note": "после обеда",
        "line-TOTAL_FORMS": "2",
        "line-INITIAL_FORMS": "0",
        "line-0-service": str(clinic.service.pk),
        "line-0-sessions": "10",
        "line-0-every_min_days": "2",
        "line-0-every_max_days": "3",
        "line-1-service": "",
        "line-1-sessions": "1",
    } | fields


@pytest.fixture
def treated(clinic: Clinic, dmitry: User) -> Appointment:
    """A visit that makes the patient Dmitry's."""
    me = Employee.objects.get(user=dmitry)
    return make_appointment(clinic, employee=me)


def test_a_doctor_prescribes_to_a_patient_of_his(
    client_for: SignIn, clinic: Clinic, dmitry: User, treated: Appointment
) -> None:
    doctor = client_for(dmitry)
    address = f"{reverse('prescriptions:prescribe')}?patient={clinic.patient.pk}"
    assert clinic.patient.full_name in doctor.get(address).content.decode()

    for _ in range(2):
        answer = doctor.post(f"{address}&appointment={treated.pk}", form_of(clinic))

    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("desk:my_day")
    prescription = Prescription.objects.get()
    assert (prescription.note, prescription.appointment) == ("после обеда", treated)
    assert prescription.lines.get().sessions == 10


def test_what_is_prescribed_often_is_offered(
    client_for: SignIn, clinic: Clinic, dmitry: User, treated: Appointment
) -> None:
    massage = LineOrder(
        service_id=clinic.service.pk, sessions=10, every_min_days=2, every_max_days=3
    )
    order = make_course_order(clinic, massage)
    prescribe_course(order=order, actor_id=None, now=NOW)

    html = show(client_for(dmitry), "prescribe", query=f"?patient={clinic.patient.pk}")

    assert "data-habit" in html
    assert "10 сеансов, каждые 2–3 дня" in html


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"line-0-service": ""}, "хотя бы одну услугу"),
        ({"line-0-sessions": "61"}, "60"),
        ({"line-0-sessions": ""}, "Нужно число"),
        ({"line-0-every_max_days": "1"}, "Не меньше предыдущего"),
    ],
)
def test_a_wrong_course_is_explained_and_nothing_typed_is_lost(
    client_for: SignIn,
    clinic: Clinic,
    dmitry: User,
    treated: Appointment,
    wrong: dict[str, str],
    said: str,
) -> None:
    address = f"{reverse('prescriptions:prescribe')}?patient={treated.patient_id}"

    answer = client_for(dmitry).post(address, form_of(clinic, **wrong))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert "после обеда" in html
    assert not Prescription.objects.exists()


def test_a_patient_of_others_is_not_prescribed_to(
    client_for: SignIn, clinic: Clinic, dmitry: User
) -> None:
    address = f"{reverse('prescriptions:prescribe')}?patient={clinic.patient.pk}"

    assert client_for(dmitry).post(address, form_of(clinic)).status_code == 403
    assert not Prescription.objects.exists()
