from datetime import UTC, date, datetime
from decimal import Decimal
from string import ascii_lowercase

import pytest

from appointments.models import Appointment, PatientTotals, Visit, VisitLine
from clinic.models import Branch, Employee, Service
from intake.actions import (
    ImportBusy,
    MappingWrong,
    NothingToImport,
    continue_import,
    decide_rows,
    discard_import,
    import_next,
    map_columns,
    open_import,
    start_import,
    stop_import,
)
from intake.models import Import, ImportRow
from intake.records import Rules
from outbox.models import Event
from patients.models import ContactPoint, Patient
from tests.factories import make_employee, make_patient, make_service, make_source
from tests.intake.factories import NOW
from tests.intake.files import check, outcomes, row, run, upload, work

pytestmark = pytest.mark.django_db

PEOPLE = (
    "ФИО;Телефон;Почта;Дата рождения;Источник;Комментарий\n"
    "ИВАНОВА АННА ПЕТРОВНА;8 916 765-43-21;Anna@Example.org;12.04.1988;Сайт;после обеда\n"
    "Петров Лев;;;;;\n"
)


def test_patients_come_in_whole(moscow: Branch) -> None:
    source = make_source(name="Сайт")

    file = run(PEOPLE, moscow)

    assert (file.status, file.total, file.finished_at) == ("DONE", 2, NOW)
    anna = Patient.objects.get(last_name="Иванова")
    assert (anna.first_name, anna.middle_name, anna.sex) == ("Анна", "Петровна", "F")
    assert (anna.birth_on, anna.branch, anna.source) == (date(1988, 4, 12), moscow, source)
    assert (anna.note, anna.created_at) == ("после обеда", NOW)
    contacts = ContactPoint.objects.filter(patient=anna).values_list("kind", "value", "is_primary")
    assert set(contacts) == {
        ("PHONE", "+79167654321", True),
        ("EMAIL", "anna@example.org", True),
    }
    lev = Patient.objects.get(last_name="Петров")
    assert not lev.contacts.exists()
    assert row(file, 3).remarks == ["no_phone"]
    assert Event.objects.filter(name="patients.PatientAdded").count() == 2


def test_a_dry_run_changes_nothing(moscow: Branch) -> None:
    file = check(PEOPLE, moscow)

    assert file.status == "CHECKED"
    assert outcomes(file) == ["NEW", "NEW"]
    assert not Patient.objects.exists()
    assert not Event.objects.exists()


def test_the_same_file_again_is_the_same_import(moscow: Branch) -> None:
    file = run(PEOPLE, moscow)

    again, is_new = open_import(
        file_name="копия.csv",
        content=PEOPLE.encode(),
        branch_id=moscow.pk,
        actor_id=None,
        now=NOW,
    )

    assert (again.pk, is_new) == (file.pk, False)
    with pytest.raises(NothingToImport):
        start_import(import_id=file.pk)
    assert Patient.objects.count() == 2


def test_the_same_rows_in_another_file_change_nothing(moscow: Branch) -> None:
    run(PEOPLE, moscow)
    before = Event.objects.exclude(name="intake.ImportFinished").count()

    file = run(PEOPLE.replace(";", "\t"), moscow)

    assert outcomes(file) == ["SAME", "SAME"]
    assert Patient.objects.count() == 2
    assert Event.objects.exclude(name="intake.ImportFinished").count() == before


def test_one_person_in_several_rows_is_added_once(moscow: Branch) -> None:
    text = "ФИО;Телефон\n" + "Иванова Анна;8 916 765-43-21\n" * 3 + "Петров Лев;89167654321\n"

    file = run(text, moscow)

    assert outcomes(file) == ["NEW", "SAME", "SAME", "NEW"]
    assert Patient.objects.count() == 2
    assert len(set(file.rows.values_list("patient_id", flat=True))) == 2


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("Петрова Анна Сергеевна;89161112233;", "SAME"),
        ("Петрова Анна;89161112233;", "SAME"),
        ("Петрова Анна Сергеевна;;12.04.1988", "SAME"),
        ("Петрова Анна Сергеевна;;", "DOUBTFUL"),
        ("Петрова Наталья;89161112233;", "NEW"),
        ("Петрова Анюта;89161112233;", "NEW"),
        ("Петрова А.С.;89161112233;", "DOUBTFUL"),
        ("Петрова Ана;89161112233;", "DOUBTFUL"),
        ("Петров Анна;89161112233;", "DOUBTFUL"),
        ("Петрова Анна Сергеевна;89161112233;01.01.2015", "DOUBTFUL"),
        ("Петров Лев;89161112233;", "NEW"),
        ("Петрова Анна Сергеевна;89169998877;01.01.1960", "NEW"),
    ],
)
def test_duplicates_are_told_by_phone_and_name(moscow: Branch, line: str, outcome: str) -> None:
    known = make_patient(
        last_name="Петрова",
        first_name="Анна",
        middle_name="Сергеевна",
        birth_on=date(1988, 4, 12),
        phone="+79161112233",
    )

    file = check(f"ФИО;Телефон;Дата рождения\n{line}\n", moscow)

    assert outcomes(file) == [outcome]
    assert row(file, 2).candidate == (None if outcome == "NEW" else known)


def test_a_person_decides_about_those_in_doubt(moscow: Branch) -> None:
    anna = make_patient(last_name="Петрова", first_name="Анна", phone="+79161112233")
    vera = make_patient(last_name="Сидорова", first_name="Вера", phone="+79162223344")
    text = (
        "ФИО;Телефон\nПетрова А.;89161112233\nПетрова А.;89161112233\n"
        "Сидорова В.;89162223344\nНовикова Яна;89163334455\n"
    )
    file = check(text, moscow)
    assert outcomes(file) == ["DOUBTFUL", "DOUBTFUL", "DOUBTFUL", "NEW"]

    assert decide_rows(import_id=file.pk, numbers=[2], decision="JOIN") == 2
    assert decide_rows(import_id=file.pk, numbers=[4], decision="SEPARATE") == 1
    start_import(import_id=file.pk)
    work()

    assert row(file, 2).patient == row(file, 3).patient == anna
    assert row(file, 4).patient != vera
    assert Patient.objects.count() == 4


def test_the_undecided_wait_and_can_follow_later(moscow: Branch) -> None:
    make_patient(last_name="Петрова", first_name="Анна", phone="+79161112233")
    file = run("ФИО;Телефон\nПетрова А.;89161112233\nНовикова Яна;89163334455\n", moscow)
    assert list(file.rows.order_by("number").values_list("is_done", flat=True)) == [False, True]

    decide_rows(import_id=file.pk, numbers=None, decision="SEPARATE")
    start_import(import_id=file.pk)
    work()

    assert not file.rows.filter(is_done=False).exists()
    assert Patient.objects.count() == 3


def test_rows_that_resemble_each_other_are_held_back(moscow: Branch) -> None:
    file = run("ФИО;Телефон\nПетрова Анна;89161112233\nПетрова А.;89161112233\n", moscow)

    assert outcomes(file) == ["NEW", "DOUBTFUL"]
    assert row(file, 3).candidate == row(file, 2).patient
    assert Patient.objects.count() == 1


def test_whoever_reception_added_meanwhile_is_not_added_twice(moscow: Branch) -> None:
    file = check("ФИО;Телефон\nПетрова Анна;89161112233\n", moscow)
    anna = make_patient(
        last_name="Петрова", first_name="Анна", middle_name="", phone="+79161112233"
    )

    start_import(import_id=file.pk)
    work()

    assert row(file, 2).patient == anna
    assert Patient.objects.count() == 1


def test_refused_rows_keep_their_reason(moscow: Branch) -> None:
    text = "ФИО;Телефон;Дата визита\n;89161112233;\nПетров;123;завтра\nАнна;;;лишнее\n"

    file = check(text, moscow)

    assert list(file.rows.order_by("number").values_list("reason", flat=True)) == [
        "no_name",
        "bad_visit_date",
        "too_many_cells",
    ]
    with pytest.raises(NothingToImport):
        start_import(import_id=file.pk)


VISITS = (
    "Пациент;Телефон;Дата визита;Врач;Услуга;Сумма\n"
    "Иванова Анна;89167654321;01.03.2026 14:30;Соколов Дмитрий;Массаж спины;1 500,00\n"
    "Иванова Анна;89167654321;05.03.2026;Соколов Дмитрий;Массаж спины;1500\n"
    "Петров Лев;89161112233;05.03.2026;Седова А.;Йога;900\n"
)


def test_past_visits_come_with_their_patients(moscow: Branch) -> None:
    doctor = make_employee(last_name="Соколов", first_name="Дмитрий", branches=[moscow])
    massage = make_service(name="Массаж спины")

    file = run(VISITS, moscow)

    anna = Patient.objects.get(last_name="Иванова")
    first, second = Appointment.objects.filter(patient=anna).order_by("starts_at")
    assert (first.employee, first.service, first.status) == (doctor, massage, "DONE")
    assert first.starts_at == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    assert second.starts_at.astimezone(moscow.zone).date() == date(2026, 3, 5)
    visit = Visit.objects.get(appointment=first)
    assert (visit.total, visit.paid, visit.payments.count()) == (Decimal(1500), Decimal(1500), 0)
    assert VisitLine.objects.get(visit=visit).price == Decimal(1500)
    totals = PatientTotals.objects.get(patient=anna)
    assert (totals.visits, totals.spent, totals.debt) == (2, Decimal(3000), Decimal(0))
    assert anna.created_at.astimezone(moscow.zone).date() == date(2026, 3, 1)
    assert Event.objects.filter(name="intake.VisitImported").count() == 3
    assert not Event.objects.filter(name__startswith="appointments.").exists()
    assert file.made.keys() == {"services", "employees"}
    yoga = Service.objects.get(name="Йога")
    assert (yoga.is_active, yoga.price) == (False, Decimal(900))
    assert not Employee.objects.get(last_name="Седова").is_active


def test_a_visit_that_is_known_is_not_told_twice(moscow: Branch) -> None:
    run(VISITS, moscow)

    file = run(VISITS + VISITS.splitlines()[1] + "\n", moscow)

    assert Appointment.objects.count() == 3
    assert set(file.rows.values_list("appointment", flat=True)) == {None}


def test_a_crowded_day_finds_room_for_everybody(moscow: Branch) -> None:
    lines = [f"Иванов{'а' * n} Анна;0{n % 9 + 1}.03.2026;Седова;900" for n in range(60)]
    lines += [f"Петров{'а' * n} Лев;01.03.2026 10:00;Седова;900" for n in range(60)]

    run("ФИО;Дата визита;Врач;Сумма\n" + "\n".join(lines), moscow)

    assert Appointment.objects.count() == 120
    days = {row.starts_at.astimezone(moscow.zone).date() for row in Appointment.objects.all()}
    assert len(days) == 9
    assert not Appointment.objects.filter(ends_at__gt=NOW).exists()


def test_one_date_for_everybody_is_still_that_date(moscow: Branch) -> None:
    names = [f"Ivanov{a}{b}" for a in ascii_lowercase for b in ascii_lowercase][:400]
    lines = [f"{name} Анна;01.03.2026;900" for name in names]

    file = run("ФИО;Дата визита;Сумма\n" + "\n".join(lines), moscow)

    assert file.status == "DONE"
    days = [row.starts_at.astimezone(moscow.zone).date() for row in Appointment.objects.all()]
    assert days == [date(2026, 3, 1)] * 400


def test_the_mapping_is_remembered(moscow: Branch) -> None:
    text = "A;B\nИванова Анна;89167654321\n"
    with pytest.raises(MappingWrong):
        check(text, moscow)
    check(text, moscow, mapping=["full_name", "phone"], rules=Rules(bad_phones="refuse"))

    again = upload("A;B\nПетров Лев;89161112233\n", moscow)

    assert again.mapping == ["full_name", "phone"]
    assert again.rules["bad_phones"] == "refuse"


def test_a_broken_file_says_what_is_wrong(moscow: Branch) -> None:
    text = "ФИО\n" + "Анна\n" * 40 + '"' + "x" * 30_000 + '"\n'

    file = check(text, moscow)

    assert (file.status, file.error) == ("FAILED", "table_broken")
    discard_import(import_id=file.pk)
    assert not Import.objects.exists()


def test_work_goes_on_after_a_stop(moscow: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.actions.imports.running.BATCH", 2)
    text = "ФИО\n" + "".join(f"Иванова{'а' * n} Анна\n" for n in range(5))
    file = check(text, moscow)
    start_import(import_id=file.pk)
    import_next(now=NOW)

    stop_import(import_id=file.pk)
    work()
    assert Patient.objects.count() == 2
    with pytest.raises(ImportBusy):
        discard_import(import_id=file.pk)
    continue_import(import_id=file.pk)
    work()

    file.refresh_from_db()
    assert file.status == "DONE"
    assert Patient.objects.count() == 5


def test_a_batch_that_breaks_leaves_whole_batches(
    moscow: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.actions.imports.running.BATCH", 2)
    file = check("ФИО\n" + "".join(f"Иванова{'а' * n} Анна\n" for n in range(5)), moscow)
    start_import(import_id=file.pk)
    import_next(now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr("intake.actions.imports.running.add_patients", None)
        work()

    file.refresh_from_db()
    assert (file.status, file.error, Patient.objects.count()) == ("FAILED", "unexpected", 2)

    continue_import(import_id=file.pk)
    work()
    file.refresh_from_db()
    assert (file.status, Patient.objects.count()) == ("DONE", 5)


def test_only_what_is_at_hand_can_be_done(moscow: Branch) -> None:
    file = upload(PEOPLE, moscow)

    with pytest.raises(ImportBusy):
        start_import(import_id=file.pk)
    map_columns(import_id=file.pk, mapping=file.mapping, rules=Rules())
    with pytest.raises(ImportBusy):
        map_columns(import_id=file.pk, mapping=file.mapping, rules=Rules())

    assert import_next(now=NOW)
    assert ImportRow.objects.count() == 2
