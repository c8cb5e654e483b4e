"""Several services in one visit: all or nothing, and each by itself when somebody wants."""

from datetime import timedelta
from typing import Any

import pytest

from appointments.actions import (
    BookingOrder,
    EmployeeAway,
    NotOneVisit,
    SlotTaken,
    StaleVersion,
    book_bundle,
    cancel_appointment,
    cancel_bundle,
    move_bundle,
)
from appointments.models import Appointment
from appointments.queries import BundleQuery, Step, list_bundle, list_free_bundles
from clinic.models import Employee, Service
from outbox.models import Event
from tests.appointments.factories import NOW, make_order
from tests.factories import (
    DAY,
    Clinic,
    make_appointment,
    make_employee,
    make_patient,
    make_service,
    make_shift,
    make_time_off,
)


@pytest.fixture
def massage(clinic: Clinic) -> Service:
    return make_service(duration=timedelta(minutes=45))


@pytest.fixture
def masseur(clinic: Clinic, massage: Service) -> Employee:
    masseur = make_employee(branches=[clinic.branch], services=[massage])
    make_shift(masseur, clinic.branch)
    return masseur


def orders(
    clinic: Clinic, massage: Service, masseur: Employee, *clocks: str, **fields: Any
) -> list[BookingOrder]:
    first, second = clocks
    return [
        make_order(clinic, first, **fields),
        make_order(clinic, second, service_id=massage.pk, employee_id=masseur.pk, **fields),
    ]


@pytest.fixture
def booked(clinic: Clinic, massage: Service, masseur: Employee) -> list[Appointment]:
    return book_bundle(
        orders=orders(clinic, massage, masseur, "10:00", "10:30"), actor_id=None, now=NOW
    )


def free(clinic: Clinic, *services: Service, **fields: Any) -> list[list[str]]:
    query = BundleQuery(
        steps=tuple(Step(service_id=service.pk) for service in services),
        branch_id=clinic.branch.pk,
        from_at=clinic.at("00:00"),
        until_at=clinic.at("00:00", DAY + timedelta(days=1)),
        **fields,
    )
    found = list_free_bundles(query=query, now=NOW)
    zone = clinic.branch.zone
    return [[f"{slot.starts_at.astimezone(zone):%H:%M}" for slot in bundle] for bundle in found]


def starts(*rows: Appointment) -> list[Any]:
    return [Appointment.objects.get(pk=row.pk).starts_at for row in rows]


def test_two_services_are_booked_as_one_visit(clinic: Clinic, booked: list[Appointment]) -> None:
    first, second = booked

    assert first.bundle is not None
    assert first.bundle == second.bundle
    assert [row.pk for row in list_bundle(appointment_id=second.pk)] == [first.pk, second.pk]


def test_the_same_orders_again_are_the_same_visit(
    clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    told = orders(clinic, massage, masseur, "10:00", "10:30")

    first, again = (book_bundle(orders=told, actor_id=None, now=NOW) for _ in range(2))

    assert first == again
    assert Appointment.objects.count() == 2


def test_all_or_nothing(clinic: Clinic, massage: Service, masseur: Employee) -> None:
    make_time_off(masseur, clinic.branch, "10:45", "11:00")

    with pytest.raises(EmployeeAway) as refusal:
        book_bundle(
            orders=orders(clinic, massage, masseur, "10:00", "10:30"), actor_id=None, now=NOW
        )

    assert refusal.value.details["starts_at"] == clinic.at("10:30").isoformat()
    assert not Appointment.objects.exists()
    assert not Event.objects.exists()


def test_a_visit_is_for_one_patient(clinic: Clinic, massage: Service, masseur: Employee) -> None:
    one, other = (
        orders(clinic, massage, masseur, "10:00", "10:30")[0],
        make_order(clinic, "12:00", patient_id=make_patient().pk),
    )

    with pytest.raises(NotOneVisit):
        book_bundle(orders=[one, other], actor_id=None, now=NOW)

    assert not Appointment.objects.exists()


@pytest.mark.parametrize("clock", ["10:15", "09:45", "14:00"])
def test_it_moves_as_one(clinic: Clinic, booked: list[Appointment], clock: str) -> None:
    first, second = booked

    move_bundle(
        appointment_id=first.pk, starts_at=clinic.at(clock), version=1, actor_id=None, now=NOW
    )

    at = clinic.at(clock)
    assert starts(first, second) == [at, at + timedelta(minutes=30)]


def test_it_moves_whole_or_not_at_all(clinic: Clinic, booked: list[Appointment]) -> None:
    first, second = booked
    make_appointment(clinic, "12:30", patient=make_patient(), employee=second.employee, room=None)

    with pytest.raises(SlotTaken):
        move_bundle(
            appointment_id=first.pk, starts_at=clinic.at("12:00"), version=1, actor_id=None, now=NOW
        )
    with pytest.raises(StaleVersion):
        move_bundle(
            appointment_id=first.pk, starts_at=clinic.at("14:00"), version=2, actor_id=None, now=NOW
        )

    assert starts(first, second) == [clinic.at("10:00"), clinic.at("10:30")]
    assert not Event.objects.filter(name="appointments.AppointmentMoved").exists()


def test_it_is_cancelled_as_one_or_in_part(clinic: Clinic, booked: list[Appointment]) -> None:
    first, second = booked
    told: dict[str, Any] = {"reason": "ILLNESS", "by_patient": False, "actor_id": None, "now": NOW}

    cancel_appointment(appointment_id=second.pk, **told)
    assert Appointment.objects.get(pk=first.pk).status == "BOOKED"

    cancel_bundle(appointment_id=first.pk, **told)
    assert set(Appointment.objects.values_list("status", flat=True)) == {"CANCELLED"}


# The search


def test_services_are_offered_in_a_row(clinic: Clinic, massage: Service, masseur: Employee) -> None:
    clinic.doctor.shifts.update(ends_at=clinic.at("10:30"))

    assert free(clinic, clinic.service, massage) == [
        ["09:00", "09:30"],
        ["09:30", "10:00"],
        ["10:00", "10:30"],
    ]
    assert free(clinic, massage, clinic.service) == [["09:00", "10:00"], ["09:15", "10:00"]]


def test_the_patient_does_not_wait_for_hours(
    clinic: Clinic, massage: Service, masseur: Employee
) -> None:
    make_time_off(masseur, clinic.branch, "09:00", "11:15")
    clinic.doctor.shifts.update(ends_at=clinic.at("11:00"))

    assert free(clinic, clinic.service, massage) == [["10:30", "11:15"]]


def test_the_time_around_a_visit_is_left_between_two_of_one_doctor(clinic: Clinic) -> None:
    talk = make_service(buffer_after=timedelta(minutes=15))
    clinic.doctor.services.add(talk)
    clinic.doctor.shifts.update(ends_at=clinic.at("10:30"))

    assert free(clinic, talk, clinic.service) == [["09:00", "10:00"], ["09:15", "10:00"]]


def test_what_is_offered_can_be_booked(clinic: Clinic, massage: Service, masseur: Employee) -> None:
    make_time_off(clinic.doctor, clinic.branch, "12:00", "13:00")
    query = BundleQuery(
        steps=(Step(service_id=clinic.service.pk), Step(service_id=massage.pk)),
        branch_id=clinic.branch.pk,
        patient_id=clinic.patient.pk,
        from_at=clinic.at("09:00"),
        until_at=clinic.at("18:00"),
        limit=100,
    )
    told: dict[str, Any] = {"reason": "MISTAKE", "by_patient": False, "actor_id": None, "now": NOW}

    offered = list_free_bundles(query=query, now=NOW)

    assert offered
    for number, bundle in enumerate(offered):
        made = book_bundle(
            orders=[
                BookingOrder(
                    patient_id=clinic.patient.pk,
                    service_id=service.pk,
                    employee_id=slot.employee_id,
                    branch_id=slot.branch_id,
                    starts_at=slot.starts_at,
                    key=f"visit-{number}-{service.pk}",
                )
                for slot, service in zip(bundle, (clinic.service, massage), strict=True)
            ],
            actor_id=None,
            now=NOW,
        )
        cancel_bundle(appointment_id=made[0].pk, **told)
