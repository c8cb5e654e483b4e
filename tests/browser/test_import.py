"""A spreadsheet of the former system: named, tried, decided, imported and taken back."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from appointments.models import Appointment
from clinic.models import User
from intake.models import Import
from patients.models import Patient
from tests.browser.conftest import OpenBrowser
from tests.factories import make_patient
from tests.intake.files import work

FILE = """\
Кто;Мобила;Когда был(а);Заплатил(а)
Звонкова Мария;8 916 111-22-33;14.03.2025;2 500,00
Звонкова Мария;+7 (916) 111 22 33;21.03.2025;2 500,00
Тихий Олег;;15.03.2025;1 800
Петрова А.;89161234567;16.03.2025;3000
;8 916 765-43-21;17.03.2025;900
Странный Лев;8 916 222-33-44;позавчера;100
"""
COLUMNS = {
    "Кто": "full_name",
    "Мобила": "phone",
    "Когда был(а)": "visit_on",
    "Заплатил(а)": "visit_sum",
}


@pytest.fixture
def known(olga: User) -> Patient:
    """The file has her phone and half of her name."""
    return make_patient(last_name="Петрова", first_name="Анна", phone="+79161234567")


@pytest.fixture
def imports(open_browser: OpenBrowser, olga: User, known: Patient) -> Page:
    return open_browser(olga, "/imports/")


def upload(page: Page, text: str = FILE) -> None:
    content = text.encode("cp1251")
    page.get_by_label("Файл").set_input_files(
        {"name": "старая база.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Загрузить").click()


def name_columns(page: Page) -> None:
    for heading, field in COLUMNS.items():
        page.get_by_label(heading, exact=True).select_option(field)
    page.get_by_role("button", name="Проверить файл").click()


def tile(page: Page, label: str) -> Locator:
    return page.locator(".tile", has_text=label).locator(".tile-figure")


def wait_for_worker(page: Page) -> None:
    """The page is at work by itself until the worker has done its part."""
    expect(page.get_by_role("progressbar")).to_be_visible()
    work(now=timezone.now())
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_a_file_is_named_tried_decided_imported_and_taken_back(
    imports: Page, known: Patient, tmp_path: Path
) -> None:
    page = imports
    upload(page)
    name_columns(page)
    wait_for_worker(page)

    expect(tile(page, "новых пациентов")).to_have_text("2")
    expect(tile(page, "ждут решения")).to_have_text("1")
    expect(tile(page, "строк отклонено")).to_have_text("2")
    assert Patient.objects.get() == known
    page.get_by_role("button", name="тот же человек").click()
    expect(tile(page, "ждут решения")).to_have_text("0")

    with page.expect_download() as download:
        page.get_by_role("link", name="Не вошедшие строки").click()
    download.value.save_as(tmp_path / "refused.csv")
    refused = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(";")[-1] for row in refused[1:]] == ["нет имени", "дата визита не читается"]

    page.get_by_role("button", name="Загрузить 4 строки").click()
    wait_for_worker(page)
    assert {row.last_name for row in Patient.objects.all()} == {"Звонкова", "Тихий", "Петрова"}
    assert Appointment.objects.filter(patient=known).count() == 1
    assert Appointment.objects.count() == 4

    page.get_by_role("button", name="Отменить импорт").click()
    page.locator("#ask").get_by_role("button", name="Да").click()
    wait_for_worker(page)
    expect(page.get_by_text("отменён", exact=True)).to_be_visible()
    assert Patient.objects.get() == known
    assert not Appointment.objects.exists()


def test_a_column_forgotten_is_asked_for_once_and_remembered(imports: Page) -> None:
    page = imports
    upload(page)
    page.get_by_role("button", name="Проверить файл").click()
    expect(page.locator(".form-errors")).to_contain_text("Укажите, в каком столбце имя.")
    name_columns(page)
    expect(page.get_by_role("progressbar")).to_be_visible()

    page.goto("/imports/")
    upload(page, FILE.replace("Тихий", "Громкий"))

    for heading, field in COLUMNS.items():
        expect(page.get_by_label(heading, exact=True)).to_have_value(field)


def test_what_is_no_table_is_refused_in_plain_words(imports: Page) -> None:
    imports.get_by_label("Файл").set_input_files(
        {"name": "паспорт.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    imports.get_by_role("button", name="Загрузить").click()

    expect(imports.locator(".errorlist")).to_contain_text("Сохраните её как XLSX или CSV")
    assert not Import.objects.exists()
