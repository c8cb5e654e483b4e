from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from appointments.actions import (
    LineInput,
    StatusNotAllowed,
    change_bill,
    finish_visit,
    reopen_visit,
)
from appointments.models import Appointment, PatientTotals, Visit
from outbox.models import Event
from packages.actions import (
    NoSessionsLeft,
    NotCovered,
    NotForPatient,
    PackageIsFrozen,
    PackageIsOver,
    PackageSettled,
    cover_bill,
    finish_covered,
    freeze_package,
    keep_time_next,
    refund_package,
    settle_visit,
)
from packages.models import Package, PackageEntry
from packages.queries import Cover, suggest_cover
from patients.actions import relate_patients
from tests.factories import Clinic, make_patient, make_service
from tests.packages.factories import book, check_ledger, left_of, make_type, sell

pytestmark = pytest.mark.django_db


def finish(appointment: Appointment, now: datetime, quantity: int = 1) -> Visit:
    line = LineInput(service_id=appointment.service_id, quantity=quantity, price=appointment.price)
    return finish_visit(appointment_id=appointment.pk, lines=[line], actor_id=None, now=now)


def cover(
    appointment: Appointment, package: Package | None, now: datetime, code: str = ""
) -> Visit:
    """Have the package pay the first line, or nothing."""
    paying = {0: package.pk} if package else {}
    return cover_bill(
        appointment_id=appointment.pk,
        cover=Cover(packages=paying, code=code),
        actor_id=None,
        now=now,
    )


def test_a_package_pays_the_line(clinic: Clinic, package: Package, now: datetime) -> None:
    appointment = book(clinic)
    finish(appointment, now)

    visit = cover(appointment, package, now)

    assert visit.total == visit.paid == 0
    assert left_of(package) == 2
    assert PatientTotals.objects.get(pk=clinic.patient.pk).debt == 0
    event = Event.objects.get(name="packages.PackageDebited")
    assert event.payload == {
        "package_id": package.pk, "appointment_id": appointment.pk, "sessions": 1, "left": 2,
    }  # fmt: skip
    check_ledger(package)


def test_asked_again_it_takes_no_second_session(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish(appointment, now)

    for _ in range(3):
        cover(appointment, package, now)

    assert left_of(package) == 2


def test_paid_with_money_after_all_the_session_comes_back(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish(appointment, now)
    cover(appointment, package, now)

    visit = cover(appointment, None, now)

    assert visit.total == 2500
    assert left_of(package) == 3
    cover(appointment, package, now)
    assert left_of(package) == 2
    check_ledger(package)


def test_a_line_of_more_than_is_left_is_refused_whole(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish(appointment, now, quantity=4)

    with pytest.raises(NoSessionsLeft) as refused:
        cover(appointment, package, now)

    assert refused.value.details == {"left": 3}
    assert left_of(package) == 3
    assert Visit.objects.get().total == 10_000


def test_the_last_session_uses_the_package_up_and_comes_back(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish(appointment, now, quantity=3)
    cover(appointment, package, now)
    package.refresh_from_db()
    assert package.status == "USED_UP"

    reopen_visit(appointment_id=appointment.pk, actor_id=None, now=now)
    returned = [settle_visit(appointment_id=appointment.pk, now=now) for _ in range(2)]

    package.refresh_from_db()
    assert returned == [3, 0]
    assert (package.status, left_of(package)) == ("ACTIVE", 3)
    check_ledger(package)


def test_news_of_an_undone_visit_that_is_done_again_gives_nothing_back(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish_covered(appointment_id=appointment.pk, actor_id=None, now=now)
    reopen_visit(appointment_id=appointment.pk, actor_id=None, now=now)
    finish_covered(appointment_id=appointment.pk, actor_id=None, now=now)

    assert settle_visit(appointment_id=appointment.pk, now=now) == 0
    assert left_of(package) == 2


def test_a_line_taken_off_the_bill_gives_its_session_back(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    visit = finish_covered(appointment_id=appointment.pk, actor_id=None, now=now)
    other = LineInput(service_id=make_service().pk, price=Decimal(100))
    change_bill(visit_id=visit.pk, lines=[other], actor_id=None, now=now)

    assert settle_visit(appointment_id=appointment.pk, now=now) == 1
    assert left_of(package) == 3


def test_the_term_begins_at_the_first_visit(clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, activation="FIRST_VISIT"), clinic, now)

    finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    package.refresh_from_db()
    assert (package.status, package.last_on) == ("ACTIVE", date(2026, 12, 31))


def test_the_doctor_ends_the_visit_and_what_ends_first_pays(clinic: Clinic, now: datetime) -> None:
    later = sell(make_type(clinic.service, term_days=90), clinic, now)
    sooner = sell(make_type(clinic.service, term_days=20), clinic, now)

    visit = finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    assert visit.total == 0
    assert (left_of(sooner), left_of(later)) == (2, 3)


def test_without_a_package_the_bill_is_as_booked(clinic: Clinic, now: datetime) -> None:
    visit = finish_covered(appointment_id=book(clinic).pk, actor_id=None, now=now)

    assert visit.total == 2500


@pytest.mark.parametrize(
    ("state", "refusal"), [("frozen", PackageIsFrozen), ("over", PackageIsOver)]
)
def test_a_package_that_stands_still_pays_nothing(
    clinic: Clinic, now: datetime, state: str, refusal: type[Exception]
) -> None:
    package = sell(make_type(clinic.service, freeze_days=10), clinic, now)
    appointment = book(clinic)
    finish(appointment, now)
    if state == "frozen":
        freeze_package(package_id=package.pk, key="k", actor_id=None, now=now)
    else:
        Package.objects.update(ends_at=now)

    with pytest.raises(refusal):
        cover(appointment, package, now)

    assert not PackageEntry.objects.filter(kind="DEBIT").exists()


def test_another_service_is_not_covered(clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(make_service()), clinic, now)
    appointment = book(clinic)
    finish(appointment, now)

    with pytest.raises(NotCovered):
        cover(appointment, package, now)


def test_a_visit_that_goes_on_is_not_paid_yet(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    with pytest.raises(StatusNotAllowed):
        cover(book(clinic), package, now)


def test_a_stranger_needs_the_code_of_a_bearer_package(clinic: Clinic, now: datetime) -> None:
    package = sell(make_type(clinic.service, is_bearer=True), clinic, now)
    named = sell(make_type(clinic.service), clinic, now)
    stranger = book(clinic, patient=make_patient())
    finish(stranger, now)

    for wrong, code in ((package, ""), (package, "23456789"), (named, named.code)):
        with pytest.raises(NotForPatient):
            cover(stranger, wrong, now, code)

    assert cover(stranger, package, now, package.code).total == 0
    assert PackageEntry.objects.get(kind="DEBIT").patient_id == stranger.patient_id


def test_the_family_uses_what_the_owner_shares(clinic: Clinic, now: datetime) -> None:
    child = make_patient()
    relate_patients(
        patient_id=clinic.patient.pk, relative_id=child.pk, kind="CHILD", actor_id=None, now=now
    )
    kept = sell(make_type(clinic.service), clinic, now)
    shared = sell(make_type(clinic.service), clinic, now, is_family=True)
    appointment = book(clinic, patient=child)

    finish_covered(appointment_id=appointment.pk, actor_id=None, now=now)

    assert (left_of(kept), left_of(shared)) == (3, 2)


def test_a_session_given_back_after_the_end_lives_a_fortnight(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    appointment = book(clinic)
    finish_covered(appointment_id=appointment.pk, actor_id=None, now=now)
    later = now + timedelta(days=40)
    assert keep_time_next(now=later)
    reopen_visit(appointment_id=appointment.pk, actor_id=None, now=later)

    settle_visit(appointment_id=appointment.pk, now=later)

    package.refresh_from_db()
    assert (package.status, left_of(package)) == ("ACTIVE", 1)
    assert package.last_on == date(2027, 1, 24)
    check_ledger(package)


def test_what_a_refund_counted_stays_paid(clinic: Clinic, package: Package, now: datetime) -> None:
    appointment = book(clinic)
    finish_covered(appointment_id=appointment.pk, actor_id=None, now=now)
    refund_package(package_id=package.pk, key="r", reason="переезд", actor_id=None, now=now)

    with pytest.raises(PackageSettled):
        cover(appointment, None, now)
    reopen_visit(appointment_id=appointment.pk, actor_id=None, now=now)
    assert settle_visit(appointment_id=appointment.pk, now=now) == 0
    visit = finish_covered(appointment_id=appointment.pk, actor_id=None, now=now)

    assert visit.total == 0
    assert PackageEntry.objects.filter(kind="DEBIT").count() == 1


def test_a_suggestion_pays_whole_lines_out_of_one_balance(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    lines = [
        LineInput(service_id=clinic.service.pk, price=Decimal(2500), quantity=quantity)
        for quantity in (2, 2, 1)
    ]

    told = suggest_cover(appointment=book(clinic), lines=lines, now=now)

    assert told.packages == {0: package.pk, 2: package.pk}


def test_the_database_refuses_a_session_that_the_bill_does_not_name(
    clinic: Clinic, package: Package, now: datetime
) -> None:
    visit = finish(book(clinic), now)

    with pytest.raises(IntegrityError, match="no more prepaid sessions"), transaction.atomic():
        PackageEntry.objects.create(
            package=package,
            part=package.parts.get(),
            kind="DEBIT",
            sessions=-1,
            visit=visit,
            service=clinic.service,
            patient=clinic.patient,
            source="by hand",
            at=now,
        )

    assert left_of(package) == 3
