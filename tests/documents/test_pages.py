from collections.abc import Callable

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from appointments.models import Appointment
from clinic.models import User
from documents.models import Document, DocumentTemplate
from documents.preview import draw
from patients.models import AccessEntry
from tests.documents.conftest import NOON, write_docx
from tests.factories import Clinic

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def desk(client_for: SignIn, olga: User) -> Client:
    return client_for(olga)


@pytest.fixture
def management(client_for: SignIn, viktor: User) -> Client:
    return client_for(viktor)


def test_reception_prints_an_act_from_the_check_out(desk: Client, done: Appointment) -> None:
    page = desk.get(reverse("desk:check_out", args=[done.pk])).content.decode()
    address = reverse("documents:make", args=[done.patient_id])
    assert address in page

    told = {"kind": "ACT", "appointment": done.pk}
    answers = [desk.post(address, told) for _click in range(2)]

    act = Document.objects.get()
    assert [one["Location"] for one in answers] == [f"/documents/{act.pk}/"] * 2
    shown = desk.get(f"/documents/{act.pk}/").content.decode()
    assert "Акт № 1" in shown
    assert AccessEntry.objects.order_by("pk").last().action == "PRINTED"  # type: ignore[union-attr]
    file = desk.get(reverse("documents:file", args=[act.pk]))
    assert file.content == bytes(act.content)
    assert AccessEntry.objects.order_by("pk").last().action == "EXPORTED"  # type: ignore[union-attr]


def test_an_act_of_a_visit_that_goes_on_is_refused_in_words(
    desk: Client, clinic: Clinic, done: Appointment
) -> None:
    Appointment.objects.filter(pk=done.pk).update(status="IN_PROGRESS")

    answer = desk.post(
        reverse("documents:make", args=[done.patient_id]),
        {"kind": "ACT", "appointment": done.pk},
        follow=True,
    )

    assert answer.status_code == 200
    assert not Document.objects.exists()


def test_the_list_of_a_patient_offers_a_contract(desk: Client, done: Appointment) -> None:
    address = reverse("documents:documents", args=[done.patient_id])
    assert 'value="CONTRACT"' in desk.get(address).content.decode()

    desk.post(reverse("documents:make", args=[done.patient_id]), {"kind": "CONTRACT"})

    page = desk.get(address).content.decode()
    assert "№ 1" in page
    assert 'value="CONTRACT"' not in page


def test_a_manager_uploads_a_version(management: Client) -> None:
    own = write_docx("Договор с {{ patient.full_name }}")
    address = reverse("documents:upload", args=["CONTRACT"])

    wrong = management.post(address, {"file": SimpleUploadedFile("a.docx", b"nothing")})
    right = management.post(address, {"file": SimpleUploadedFile("a.docx", own)})

    assert (wrong.status_code, right.status_code) == (422, 302)
    version = DocumentTemplate.objects.get()
    file = management.get(reverse("documents:template_file", args=[version.pk]))
    assert file.content == own
    for name in ("documents:sample", "documents:standard"):
        assert management.get(reverse(name, args=["CONTRACT"])).status_code == 200
    assert "a.docx" in management.get(reverse("documents:templates")).content.decode()


def test_reception_does_not_change_the_wording(desk: Client) -> None:
    assert desk.get(reverse("documents:templates")).status_code == 403
    assert desk.get(reverse("documents:upload", args=["ACT"])).status_code == 403


def test_the_page_of_a_document_is_escaped() -> None:
    drawn = draw(write_docx("<script>alert(1)</script>"))

    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_programs_make_a_document_and_take_it(olga: User, done: Appointment) -> None:
    api = APIClient()
    api.force_authenticate(olga)
    address = f"/api/v1/patients/{done.patient_id}/documents/"
    body = {"kind": "ACT", "branch": done.branch_id, "appointment": done.pk}

    made = api.post(address, body, format="json")
    listed = api.get(address)
    file = api.get(f"/api/v1/documents/{made.data['id']}/file/")

    assert (made.status_code, made.data["number"], made.data["version"]) == (201, 1, 1)
    assert [row["id"] for row in listed.data["results"]] == [made.data["id"]]
    assert file.content[:2] == b"PK"
