from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, User
from intake.models import Import
from patients.models import AccessEntry, Patient
from tests.factories import make_patient
from tests.intake.files import check, run, upload, work

pytestmark = pytest.mark.django_db

FILE = "ФИО;Телефон\nИванова Анна;89167654321\n;89160000001\n=Петров Лев;+7 916 111-22-33\n"


@pytest.fixture
def desk(client_for: Callable[[User], Client], olga: User) -> Client:
    return client_for(olga)


def send(desk: Client, text: str | bytes, name: str = "база.csv") -> int:
    content = text.encode() if isinstance(text, str) else text
    answer = desk.post(reverse("intake:imports"), {"file": SimpleUploadedFile(name, content)})
    return answer.status_code


def test_the_whole_way_by_mouse(desk: Client, moscow: Branch) -> None:
    assert send(desk, FILE) == 302
    file = Import.objects.get()
    address = reverse("intake:import", args=[file.pk])
    page = desk.get(address).content.decode()
    assert "Иванова Анна" in page

    form = {
        "column_0": "full_name",
        "column_1": "phone",
        "bad_phones": "skip",
        "nameless": "refuse",
    }
    assert desk.post(address, form).status_code == 302
    assert "import-progress" in desk.get(address).content.decode()
    work()
    assert desk.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    desk.post(reverse("intake:import_start", args=[file.pk]))
    work()

    assert Patient.objects.count() == 2
    assert desk.get(address).status_code == 200
    for show in ("new", "same", "doubtful", "refused", "remarks", "stays", "nonsense"):
        assert desk.get(address, {"show": show}).status_code == 200

    desk.post(reverse("intake:import_undo", args=[file.pk]))
    work()
    assert Patient.objects.count() == 0
    assert desk.get(address).status_code == 200


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"\xd0\xcf\x11\xe0", b"PK\x03\x04?", "ФИО\n".encode()]
)
def test_a_wrong_file_is_told_at_once(desk: Client, moscow: Branch, content: bytes) -> None:
    assert send(desk, content) == 422

    assert not Import.objects.exists()


def test_the_same_file_opens_the_same_import(desk: Client, moscow: Branch) -> None:
    send(desk, FILE)
    send(desk, FILE, name="ещё раз.csv")

    assert Import.objects.count() == 1


def test_a_mapping_without_a_name_comes_back(desk: Client, moscow: Branch) -> None:
    file = upload(FILE, moscow)

    answer = desk.post(
        reverse("intake:import", args=[file.pk]),
        {"column_0": "", "column_1": "phone", "bad_phones": "skip", "nameless": "refuse"},
    )

    assert answer.status_code == 422
    file.refresh_from_db()
    assert file.status == "UPLOADED"


def test_doubts_are_decided_one_by_one_or_at_once(desk: Client, moscow: Branch) -> None:
    make_patient(last_name="Петрова", first_name="Анна", phone="+79161112233")
    file = check("ФИО;Телефон\nПетрова А.;89161112233\nПетрова Ана;89161112233\n", moscow)
    address = reverse("intake:import_decide", args=[file.pk])

    desk.post(address, {"number": 2, "decision": "JOIN"})
    desk.post(address, {"decision": "SEPARATE"})

    assert list(file.rows.order_by("number").values_list("decision", flat=True)) == [
        "JOIN",
        "SEPARATE",
    ]
    assert desk.post(address, {"decision": "MAYBE"}).status_code == 400


def test_refused_rows_come_as_a_file_without_formulas(desk: Client, moscow: Branch) -> None:
    text = "ФИО;Телефон;Дата визита\n=1+1;+7 916 111-22-33;вчера\n"
    file = check(text, moscow)

    answer = desk.get(reverse("intake:import_refused", args=[file.pk]))

    body = answer.content.decode("utf-8-sig")
    assert "'=1+1;'+7 916 111-22-33;" in body
    assert "attachment" in answer["Content-Disposition"]


def test_rows_that_an_undo_left_are_journalled_when_taken_away(
    desk: Client, moscow: Branch, olga: User
) -> None:
    file = run("ФИО\nИванова Анна\n", moscow)
    patient = Patient.objects.get()
    Import.objects.filter(pk=file.pk).update(status="UNDONE")
    file.rows.update(reason="stays:intake.request")

    answer = desk.get(reverse("intake:import_refused", args=[file.pk]))

    assert answer.status_code == 200
    assert AccessEntry.objects.filter(patient=patient, actor=olga, action="EXPORTED").exists()


def test_others_may_not_import(client_for: Callable[[User], Client], dmitry: User) -> None:
    assert client_for(dmitry).get(reverse("intake:imports")).status_code == 403


def test_the_command_tries_imports_and_undoes(
    moscow: Branch, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path, refused = f"{tmp_path}/base.csv", f"{tmp_path}/refused.csv"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 — a path of the test
        file.write(FILE)

    call_command("import", path, "--dry-run")
    assert not Patient.objects.exists()
    assert not Import.objects.exists()
    call_command("import", path, "--refused", refused)
    assert Patient.objects.count() == 2
    assert "added 2" in capsys.readouterr().out
    call_command("import", path)
    assert Patient.objects.count() == 2
    call_command("import", path, "--undo")
    assert not Patient.objects.exists()
    with pytest.raises(CommandError):
        call_command("import", f"{tmp_path}/none.csv")
