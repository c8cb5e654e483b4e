from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from intake.fields import check_mapping, guess_mapping
from intake.records import Record, RowRefused, Rules, read_record, split_name

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


def read(rules: Rules | None = None, /, **cells: str) -> Record:
    return read_record(
        list(cells.values()), list(cells), rules=rules or Rules(), zone=MOSCOW, now=NOW
    )


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (["ФИО", "Телефон", "Дата рождения"], ["full_name", "phone", "birth_on"]),
        (["Фамилия", "Имя", "Отчество", "Пол"], ["last_name", "first_name", "middle_name", "sex"]),
        (["Клиент", "Моб. тел.", "Доп. телефон", "E-mail"],
         ["full_name", "phone", "phone", "email"]),
        (["Пациент", "Дата приёма", "Время", "Врач", "Услуга", "Сумма, руб."],
         ["full_name", "visit_on", "visit_time", "visit_doctor", "visit_service", "visit_sum"]),
        (["Full name", "Phone", "Birth date", "Visit date"],
         ["full_name", "phone", "birth_on", "visit_on"]),
        (["Имя", "Имя", "Скидка", "№ карты"], ["first_name", "", "", ""]),
        (["Согласие на SMS", "Источник рекламы", "Комментарий"], ["consent_sms", "source", "note"]),
    ],
)  # fmt: skip
def test_headings_are_understood(columns: list[str], mapping: list[str]) -> None:
    assert guess_mapping(columns) == mapping


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        (["full_name", "phone", "phone"], ""),
        (["phone", ""], "no_name_column"),
        (["full_name", "last_name"], "name_twice"),
        (["full_name", "birth_on", "birth_on"], "field_twice"),
        (["full_name", "visit_sum"], "no_visit_date"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_told(mapping: list[str], reason: str) -> None:
    assert check_mapping(mapping) == reason


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("Иванова Анна Петровна", ("Иванова", "Анна", "Петровна")),
        ("Анна Петровна", ("", "Анна", "Петровна")),
        ("Иванова Анна", ("Иванова", "Анна", "")),
        ("Иванова А.П.", ("Иванова", "А.", "П.")),
        ("Иванова А. П.", ("Иванова", "А.", "П.")),
        ("Мамедов Али Гусейн оглы", ("Мамедов", "Али", "Гусейн оглы")),
        ("Иванова, Анна", ("Иванова", "Анна", "")),
        ("Анна", ("Анна", "", "")),
    ],
)
def test_a_name_is_taken_apart(whole: str, parts: tuple[str, str, str]) -> None:
    assert split_name(whole) == parts


def test_shouted_and_whispered_names_are_written_as_names() -> None:
    record = read(full_name="ИВАНОВА-ПЕТРОВА анна МакКензи")

    assert (record.last_name, record.first_name, record.middle_name) == (
        "Иванова-Петрова",
        "Анна",
        "МакКензи",
    )


@pytest.mark.parametrize(
    ("cells", "sex"),
    [
        ({"full_name": "Иванова Анна Петровна"}, "F"),
        ({"full_name": "Ильин Лев Ильич"}, "M"),
        ({"full_name": "Ким Саша"}, ""),
        ({"full_name": "Ким Саша", "sex": "Жен."}, "F"),
        ({"full_name": "Ким Саша", "sex": "male"}, "M"),
    ],
)
def test_sex_follows_from_the_patronymic(cells: dict[str, str], sex: str) -> None:
    assert read(**cells).sex == sex


@pytest.mark.parametrize(
    ("text", "phones", "remarks"),
    [
        ("8 (916) 765-43-21", ("+79167654321",), ()),
        ("89167654321, +7 903 111 22 33", ("+79167654321", "+79031112233"), ()),
        ("8 916 765-43-21 / 8 916 765-43-21", ("+79167654321",), ()),
        ("нет", (), ("bad_phone", "no_phone")),
        ("9999999999", (), ("bad_phone", "no_phone")),
        ("123; 89167654321", ("+79167654321",), ("bad_phone",)),
        ("", (), ("no_phone",)),
    ],
)
def test_phones_are_found_in_what_people_write(
    text: str, phones: tuple[str, ...], remarks: tuple[str, ...]
) -> None:
    record = read(full_name="Иванова Анна", phone=text)

    assert (record.phones, record.remarks) == (phones, remarks)


def test_a_junk_phone_can_refuse_the_row() -> None:
    with pytest.raises(RowRefused, match="bad_phone"):
        read(Rules(bad_phones="refuse"), full_name="Иванова Анна", phone="123")


def test_what_cannot_be_read_is_left_out_with_a_remark() -> None:
    record = read(
        full_name="Иванова Анна", phone="89167654321", email="анна@", birth_on="32.13.1988"
    )

    assert (record.emails, record.birth_on) == ((), None)
    assert set(record.remarks) == {"bad_email", "bad_birth"}


@pytest.mark.parametrize("text", ["12.04.1988", "12.4.88", "1988-04-12", "12.04.1988 00:00:00"])
def test_birth_dates_are_read_in_any_form(text: str) -> None:
    assert read(full_name="Иванова Анна", birth_on=text).birth_on == date(1988, 4, 12)


def test_a_row_without_a_name_is_refused_or_stands_in() -> None:
    with pytest.raises(RowRefused, match="no_name"):
        read(full_name="", phone="89167654321")
    with pytest.raises(RowRefused, match="no_name"):
        read(Rules(nameless="import"), full_name="???", phone="")

    assert (
        read(Rules(nameless="import"), full_name="", phone="89167654321").last_name == "Без имени"
    )


def test_consents_are_only_what_the_file_says() -> None:
    record = read(full_name="Иванова", consent_sms="Да", consent_email="нет", consent_personal="+")

    assert record.consents == (("PERSONAL_DATA", ""), ("MARKETING", "SMS"))


def test_a_visit_is_read() -> None:
    record = read(
        full_name="Иванова",
        visit_on="01.03.2026 14:30",
        visit_service="Массаж",
        visit_doctor="Соколов Д.А.",
        visit_sum="1 500,50 ₽",
    )

    assert record.visit is not None
    assert (record.visit.on, record.visit.at) == (date(2026, 3, 1), time(14, 30))
    assert (record.visit.service, record.visit.doctor) == ("Массаж", "Соколов Д.А.")
    assert record.visit.total == Decimal("1500.50")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"visit_on": "завтра"}, "bad_visit_date"),
        ({"visit_on": "01.03.1926"}, "bad_visit_date"),
        ({"visit_on": "01.03.2027"}, "visit_in_future"),
        ({"visit_on": "30.11.2026 20:00"}, "visit_in_future"),
        ({"visit_on": "01.03.2026", "visit_sum": "-5"}, "bad_sum"),
        ({"visit_on": "01.03.2026", "visit_sum": "1.2.3,4.5"}, "bad_sum"),
        ({"visit_on": "01.03.2026", "visit_sum": "99999999999"}, "bad_sum"),
    ],
)
def test_a_visit_that_makes_no_sense_is_not_lost_silently(
    cells: dict[str, str], reason: str
) -> None:
    with pytest.raises(RowRefused, match=reason):
        read(full_name="Иванова", **cells)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("1500", "1500"),
        ("1 500,00", "1500"),
        ("1,500.50", "1500.50"),
        ("1.500,50", "1500.50"),
        ("1,500", "1500"),
        ("12,5", "12.50"),
        ("руб. 300", "300"),
        ("", "0"),
    ],
)
def test_sums_are_read_as_people_write_them(text: str, total: str) -> None:
    visit = read(full_name="Иванова", visit_on="01.03.2026", visit_sum=text).visit

    assert visit is not None
    assert visit.total == Decimal(total)


def test_cells_beyond_the_headings_refuse_the_row() -> None:
    with pytest.raises(RowRefused, match="too_many_cells"):
        read_record(["Анна", "1", "2"], ["full_name", ""], rules=Rules(), zone=MOSCOW, now=NOW)


def test_rows_of_one_person_have_one_identity() -> None:
    first = read(full_name="ИВАНОВА Анна", phone="89167654321", note="a")
    same = read(full_name="Иванова  анна", phone="+7 916 765-43-21", note="b")
    brother = read(full_name="Иванов Пётр", phone="89167654321", note="")
    namesake = read(full_name="Иванова Анна", phone="89167654322", note="")

    assert first.identity == same.identity
    assert len({first.identity, brother.identity, namesake.identity}) == 3
