import pytest

from appointments.models import Appointment, PatientTotals, Visit
from clinic.models import Branch, Employee, Service, User
from intake.actions import ImportBusy, start_import, undo_import
from intake.actions.imports.undoing import find_dependents
from intake.models import Import
from outbox.models import Event
from patients.actions import record_access
from patients.models import ContactPoint, Patient
from tests.factories import make_patient
from tests.intake.factories import NOW, make_request
from tests.intake.files import row, run, upload, work

pytestmark = pytest.mark.django_db

FILE = (
    "Пациент;Телефон;Дата визита;Врач;Услуга;Сумма\n"
    "Иванова Анна;89167654321;01.03.2026 14:30;Соколов Дмитрий;Массаж;1500\n"
    "Иванова Анна;89167654321;05.03.2026;Соколов Дмитрий;Массаж;1500\n"
    "Петров Лев;89161112233;05.03.2026;Седова А.;Йога;900\n"
)


def undo(file: Import) -> Import:
    undo_import(import_id=file.pk)
    work()
    file.refresh_from_db()
    return file


def test_everything_goes(moscow: Branch) -> None:
    doctors = Employee.objects.count()

    file = undo(run(FILE, moscow))

    assert file.status == "UNDONE"
    for model in (Patient, ContactPoint, Appointment, Visit, PatientTotals, Service):
        assert not model.objects.exists(), model
    assert Employee.objects.count() == doctors
    assert not file.rows.exclude(patient=None, appointment=None).exists()
    assert not file.rows.filter(reason__startswith="stays").exists()
    assert Event.objects.filter(name="intake.ImportUndone").count() == 1


def test_batches_undo_one_after_another(moscow: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.actions.imports.undoing.BATCH", 1)
    file = run(FILE, moscow)

    undo(file)

    assert not Patient.objects.exists()


def test_a_patient_known_before_stays_without_the_visits(moscow: Branch) -> None:
    anna = make_patient(
        last_name="Иванова", first_name="Анна", middle_name="", phone="+79167654321"
    )
    file = run(FILE, moscow)
    assert PatientTotals.objects.get(patient=anna).visits == 2

    undo(file)

    assert list(Patient.objects.all()) == [anna]
    assert PatientTotals.objects.get(patient=anna).visits == 0
    assert not Appointment.objects.exists()


def test_whom_others_have_worked_with_stays_and_the_row_says_why(
    moscow: Branch, olga: User
) -> None:
    file = run(FILE, moscow)
    anna = Patient.objects.get(last_name="Иванова")
    lev = Patient.objects.get(last_name="Петров")
    make_request(patient_id=anna.pk)
    record_access(
        patient_id=lev.pk, actor_id=olga.pk, action="OPENED", place="card", ip=None, now=NOW
    )

    undo(file)

    assert set(Patient.objects.all()) == {anna, lev}
    assert not Appointment.objects.exists()
    assert row(file, 2).reason == "stays:intake.request"
    assert row(file, 4).reason == "stays:patients.accessentry"
    assert PatientTotals.objects.get(patient=anna).visits == 0


def test_a_file_undone_can_come_in_again(moscow: Branch) -> None:
    undone = undo(run(FILE, moscow))

    again = upload(FILE, moscow)

    assert again.pk != undone.pk
    with pytest.raises(ImportBusy):
        start_import(import_id=undone.pk)


def test_another_import_that_met_the_patient_does_not_keep_him(moscow: Branch) -> None:
    first = run("ФИО;Телефон\nИванова Анна;89167654321\n", moscow)
    second = run("ФИО,Телефон\nИванова Анна,89167654321\n", moscow)

    undo(first)

    assert not Patient.objects.exists()
    assert row(second, 2).patient is None


def test_every_table_that_names_a_patient_is_asked(moscow: Branch) -> None:
    patient = make_patient(phone="+79167654321")
    make_request(patient_id=patient.pk)

    found = find_dependents(Patient, {patient.pk}, besides=())

    assert found.keys() == {patient.pk}
