import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from intake.tables import (
    MAX_BYTES,
    MAX_ROWS,
    BrokenTable,
    EmptyFile,
    ForeignFile,
    OldExcel,
    TooLarge,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
    WrongFile,
    read_table,
)

TEXT = "ФИО;Телефон\nСоловьёва Анна;8 916 765-43-21\nПётр Ёлкин;\n"


def make_xlsx(*rows: list[Any], sheets: int = 1) -> bytes:
    book = Workbook()
    for _ in range(sheets - 1):
        book.create_sheet()
    for row in rows:
        book.worksheets[-1].append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
        ("cp1251", b"", "windows-1251"),
        ("koi8-r", b"", "KOI8-R"),
        ("cp866", b"", "CP866"),
        ("utf-16-le", b"\xff\xfe", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
    ],
)
def test_it_reads_russian_in_any_encoding(encoding: str, mark: bytes, told: str) -> None:
    table = read_table(mark + TEXT.encode(encoding))

    assert table.columns == ["ФИО", "Телефон"]
    assert table.rows == [
        (2, ["Соловьёва Анна", "8 916 765-43-21"]),
        (3, ["Пётр Ёлкин", ""]),
    ]
    assert table.about == f"CSV, {told}, ;"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_it_finds_what_divides_the_cells(delimiter: str) -> None:
    text = f'Имя{delimiter}Заметка\r\nАнна{delimiter}"одно; другое, | третье"\r\n'

    assert read_table(text.encode()).rows == [(2, ["Анна", "одно; другое, | третье"])]


def test_a_cell_may_hold_quotes_and_several_lines() -> None:
    text = 'ФИО;Заметка\n"Иванова ""Аня""";"первая\nвторая"\nПетров;\n'

    assert read_table(text.encode()).rows == [
        (2, ['Иванова "Аня"', "первая вторая"]),
        (3, ["Петров", ""]),
    ]


def test_ragged_lines_are_filled_up_and_extra_cells_stay() -> None:
    table = read_table("а;б;в\n1\n1;2;3;4\n;;\n1;2;3;;;\n".encode())

    assert table.rows == [(2, ["1", "", ""]), (3, ["1", "2", "3", "4"]), (5, ["1", "2", "3"])]


def test_headings_that_are_missing_or_repeated_get_a_number() -> None:
    table = read_table("Телефон;;Телефон\n1;2;3\n".encode())

    assert table.columns[0] == "Телефон"
    assert table.columns[2] == "Телефон (3)"
    assert "2" in table.columns[1]


def test_a_file_without_headings_keeps_its_first_row() -> None:
    table = read_table("Иванова Анна;8 916 765-43-21\nПетров;8 916 765-43-22\n".encode())

    assert len(table.rows) == 2
    assert len(table.columns) == 2


HALF_PAST_TWO = datetime(2026, 3, 1, 14, 30)  # noqa: DTZ001 — a spreadsheet knows no zones


def test_a_spreadsheet_is_read_as_people_see_it() -> None:
    content = make_xlsx(
        ["ФИО", "Телефон", "Рождение", "Визит", "Сумма", "Согласие"],
        [
            *("Анна", 79167654321.0, date(1988, 4, 12), HALF_PAST_TWO),
            *(1500.5, True),
        ],
        [None, None, None, None, None, None],
        ["#N/A", "'+7 916", None, None, 1500, False],
    )

    table = read_table(content)

    assert table.rows == [
        (2, ["Анна", "79167654321", "12.04.1988", "01.03.2026 14:30", "1500.5", "да"]),
        (4, ["", "+7 916", "", "", "1500", "нет"]),
    ]


def test_the_first_sheet_with_anything_on_it_is_read() -> None:
    assert read_table(make_xlsx(["ФИО"], ["Анна"], sheets=3)).rows == [(2, ["Анна"])]


def make_bomb() -> bytes:
    """A small archive that would unpack into a gigabyte."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for number in range(6):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"\0" * (30 * 1024 * 1024))
    return written.getvalue()


def make_zip(**parts: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return written.getvalue()


def test_entities_in_a_spreadsheet_do_not_explode() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    sheet = f"{bomb}]><worksheet><sheetData><row><c><v>&j;</v></c></row></sheetData></worksheet>"
    content = io.BytesIO(make_xlsx(["ФИО"], ["Анна"]))
    written = io.BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(written, "w") as target:
        for part in source.namelist():
            is_sheet = part.startswith("xl/worksheets/")
            target.writestr(part, sheet if is_sheet else source.read(part))

    with pytest.raises(WrongFile):
        read_table(written.getvalue())


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (b" \r\n\r\n;;;\n", EmptyFile),
        ("ФИО;Телефон\n".encode(), EmptyFile),
        (make_xlsx(), EmptyFile),
        (b"%PDF-1.7\n...", ForeignFile),
        (b"\x89PNG\r\n\x1a\n", ForeignFile),
        (b"MZ\x90\x00", ForeignFile),
        (b"<html><body><table>", ForeignFile),
        (make_zip(**{"word/document.xml": "<x/>"}), ForeignFile),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OldExcel),
        (b"PK\x03\x04 but nothing more", BrokenTable),
        (make_zip(**{"xl/workbook.xml": "<not-closed"}), BrokenTable),
        (make_bomb(), TooLarge),
        (bytes(range(1, 256)) * 40, UnknownEncoding),
        (b"a;b\n\x00\x01\x02\x03;\x00\n", UnknownEncoding),
        (b"x" * (MAX_BYTES + 1), TooLarge),
        (b"a;b\n" + b"1;2\n" * (MAX_ROWS + 1), TooManyRows),
        (";".join(f"c{n}" for n in range(61)).encode() + b"\n" + b"1;" * 61, TooManyColumns),
        (b'name;note\n"never closed;1\n' + b"next;2\n" * 50, BrokenTable),
        (b'name;note\n"' + b"x" * 30_000 + b'";2\n', BrokenTable),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(
    content: bytes, error: type[WrongFile]
) -> None:
    with pytest.raises(error) as refusal:
        read_table(content)

    assert str(refusal.value)
