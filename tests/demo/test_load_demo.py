from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef

from appointments.actions import refresh_totals
from appointments.models import Appointment, AppointmentStatus, PatientTotals, Visit
from campaigns.models import Scenario
from clinic.models import Shift, TimeOff
from clinic.names import fold
from demo.actions import NotEmpty, WrongSize, load_demo
from demo.catalogue import CAST, OFFERS
from demo.names import latin, patronymic, surname
from demo.people import phone_number
from demo.tables import TABLES
from feedback.models import Case
from intake.models import Request
from outbox.events import EVENTS
from outbox.models import Event
from patients.models import Consent, ContactPoint, Patient
from patients.phones import normalise_phone
from tests.factories import make_branch

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # 11:00 in Moscow, 15:00 in Novosibirsk


def load(*, patients: int = 300, seed: int = 1) -> dict[str, int]:
    return load_demo(patients=patients, seed=seed, now=NOW, report=lambda done, total: None)


def digest() -> dict[str, Any]:
    """All rows of all tables, as checksums; when a row was written is the database's own clock."""
    sums = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT md5(string_agg(told, '|' ORDER BY told))"
                f" FROM {table} t, LATERAL (SELECT (to_jsonb(t) - 'recorded_at')::text AS told) r"
            )
            sums[table] = cursor.fetchone()[0]
    return sums


def digest_of_load(*, patients: int, seed: int = 1) -> dict[str, Any]:
    """Load, read and take it all back."""
    with transaction.atomic():
        load(patients=patients, seed=seed)
        found = digest()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_it_loads_a_year_and_two_weeks() -> None:
    counts = load()

    assert counts["patients_patient"] == 300
    assert counts["clinic_branch"] == 2
    assert counts["clinic_service"] == len(OFFERS) == 25
    assert counts["clinic_employee"] == len(CAST) == 14
    assert 2_000 < counts["appointments_appointment"] < 5_000
    assert set(Appointment.objects.values_list("status", flat=True)) >= {
        "BOOKED",
        "CONFIRMED",
        "DONE",
        "CANCELLED",
        "NO_SHOW",
    }
    assert Appointment.objects.filter(starts_at__lt=NOW - timedelta(days=300)).exists()
    assert Appointment.objects.filter(starts_at__gt=NOW + timedelta(days=10)).exists()
    assert not Scenario.objects.filter(is_active=False).exists()
    assert set(Scenario.objects.values_list("watermark_at", flat=True)) == {NOW}
    for table in TABLES:
        assert counts[table] > 0 or table.startswith("loyalty_"), table


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_rows() -> None:
    first = digest_of_load(patients=60)
    second = digest_of_load(patients=60)
    other = digest_of_load(patients=60, seed=2)

    assert second == first
    assert other["patients_patient"] != first["patients_patient"]


@pytest.mark.django_db
def test_a_clinic_that_has_begun_to_work_is_left_alone() -> None:
    make_branch()

    with pytest.raises(NotEmpty):
        load()
    with pytest.raises(CommandError, match=r"пуст"):
        call_command("load_demo", patients=20)

    assert Patient.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("patients", [0, 9, 1_000_001])
def test_sizes_that_make_no_clinic_are_refused(patients: int) -> None:
    with pytest.raises(WrongSize):
        load(patients=patients)


@pytest.mark.django_db
def test_every_event_can_be_read_back() -> None:
    load(patients=60)

    for stored in Event.objects.all():
        event = EVENTS[stored.name](patient_id=stored.patient_id, **stored.payload)
        assert event.payload() == stored.payload
        assert stored.occurred_at <= NOW


@pytest.mark.django_db
def test_totals_are_what_the_action_would_keep() -> None:
    load(patients=60)
    before = list(PatientTotals.objects.order_by("patient_id").values())

    for row in before:
        refresh_totals(patient_id=row["patient_id"])

    assert list(PatientTotals.objects.order_by("patient_id").values()) == before


@pytest.mark.django_db
def test_today_is_busy_and_still_has_room() -> None:
    load(patients=1_200)
    zone = ZoneInfo("Europe/Moscow")
    opens = datetime.combine(date(2026, 11, 20), datetime.min.time(), tzinfo=zone)
    today = {"starts_at__gte": opens, "starts_at__lt": opens + timedelta(days=1)}

    shifts = Shift.objects.filter(branch_id=1, **today)
    live = Appointment.objects.filter(branch_id=1, **today).exclude(status="CANCELLED")
    booked = sum((row.ends_at - row.starts_at for row in live), timedelta())

    assert shifts.count() == 6
    assert timedelta(hours=6 * 8) * 0.35 < booked < timedelta(hours=6 * 8) * 0.95


@pytest.mark.django_db
def test_nobody_is_booked_outside_working_hours() -> None:
    load(patients=100)

    shift = Shift.objects.filter(
        employee=OuterRef("employee"),
        starts_at__lte=OuterRef("starts_at"),
        ends_at__gte=OuterRef("ends_at"),
    )
    away = TimeOff.objects.filter(
        employee=OuterRef("employee"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )

    assert not Appointment.objects.filter(~Exists(shift) | Exists(away)).exists()


@pytest.mark.django_db
def test_things_happen_in_their_order() -> None:
    load()

    assert not Appointment.objects.filter(created_at__lt=F("patient__created_at")).exists()
    assert not Appointment.objects.filter(created_at__gt=F("starts_at")).exists()
    assert not Appointment.objects.filter(created_at__gt=NOW).exists()
    assert not Visit.objects.filter(arrived_at__gt=F("started_at")).exists()
    assert not Visit.objects.filter(started_at__gt=F("finished_at")).exists()
    assert not Visit.objects.filter(finished_at__gt=NOW).exists()
    assert not Request.objects.filter(answered_at__lt=F("created_at")).exists()
    assert not Request.objects.filter(closed_at__lt=F("answered_at")).exists()
    assert not Case.objects.filter(resolved_at__lt=F("opened_at")).exists()
    assert not Patient.objects.filter(birth_on__gt=F("created_at__date")).exists()
    done = Appointment.objects.filter(status=AppointmentStatus.DONE)
    assert not done.filter(ends_at__gt=NOW).exists()


@pytest.mark.django_db
def test_people_look_real_and_cannot_be_called() -> None:
    load()

    for patient in Patient.objects.all():
        assert patient.name_key == fold(patient.full_name)
        assert patient.middle_name.endswith("на" if patient.sex == "F" else "ич")
    phones = ContactPoint.objects.filter(kind="PHONE")
    assert all(normalise_phone(phone.value) == phone.value for phone in phones)
    assert all("+7943" <= phone.value[:5] <= "+7948" for phone in phones)
    shared = phones.values("value").annotate(owners=Count("id")).filter(owners__gt=1)
    assert shared.exists()
    emails = ContactPoint.objects.filter(kind="EMAIL").values_list("value", flat=True)
    assert all(email.endswith((".example.org", "@example.org", "example.ru")) for email in emails)
    without = Patient.objects.exclude(pk__in=Consent.objects.values("patient_id"))
    assert 0 < without.count() < 30


def test_names_take_their_form() -> None:
    assert surname("Соловьёв", sex="F") == "Соловьёва"
    assert surname("Вишневский", sex="F") == "Вишневская"
    assert surname("Шевченко", sex="F") == "Шевченко"
    assert surname("Черных", sex="M") == "Черных"
    assert patronymic("Илья", sex="F") == "Ильинична"
    assert patronymic("Сергей", sex="M") == "Сергеевич"
    assert latin("Щукина") == "shchukina"


def test_no_two_people_get_one_number() -> None:
    assert len({phone_number(number) for number in range(200_000)}) == 200_000
