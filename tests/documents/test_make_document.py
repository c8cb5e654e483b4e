from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from appointments.models import Appointment
from documents.actions import (
    DocumentOrder,
    NoBillYet,
    WrongSubject,
    make_document,
    upload_template,
)
from documents.models import Document
from documents.queries import list_changes
from outbox.models import Event
from packages.actions import finish_covered
from patients.models import Relation
from tests.documents.conftest import NOON, read_docx, write_docx
from tests.factories import Clinic, make_appointment, make_patient
from tests.packages.factories import make_type, sell

Make = Callable[..., Document]


@pytest.fixture
def make(clinic: Clinic) -> Make:
    def make(kind: str = "ACT", **told: Any) -> Document:
        defaults = {"patient_id": clinic.patient.pk, "branch_id": clinic.branch.pk}
        order = DocumentOrder(kind=kind, **defaults | told)
        return make_document(order=order, actor_id=None, now=NOON)

    return make


def test_an_act_is_filled_from_card_visit_and_bill(
    make: Make, done: Appointment, clinic: Clinic
) -> None:
    contract = make("CONTRACT")

    act = make(appointment_id=done.pk)

    text = read_docx(act.content).replace("\xa0", " ")
    assert "Акт № 1" in text
    assert f"К договору № {contract.number} от 01.12.2026" in text
    assert clinic.patient.full_name in text
    assert clinic.service.name in text
    assert "две тысячи пятьсот рублей 00 копеек" in text
    assert "Осталось оплатить: 500,00 ₽" in text
    assert "ООО «Опора»" in text
    assert "{" not in text
    assert Event.objects.filter(name="documents.DocumentMade").count() == 2


def test_printed_again_it_is_the_same_file(make: Make, done: Appointment) -> None:
    first, again = make(appointment_id=done.pk), make(appointment_id=done.pk)

    assert first.pk == again.pk
    assert bytes(first.content) == bytes(again.content)
    assert list_changes(again, now=NOON) == []


def test_what_has_changed_is_told_and_a_new_one_is_made_once(
    make: Make, done: Appointment, clinic: Clinic
) -> None:
    first = make(appointment_id=done.pk)
    clinic.patient.last_name = "Новикова"
    clinic.patient.save()
    found = Document.objects.get()

    assert [row.name for row in list_changes(found, now=NOON)] == [
        "patient.full_name",
        "patient.short_name",
    ]
    newer, again = (make(appointment_id=done.pk, after=first.pk) for _click in range(2))
    assert newer.pk == again.pk
    assert [first.number, newer.number] == [1, 2]
    assert "Новикова" in read_docx(newer.content)


def test_the_version_used_is_kept(make: Make, clinic: Clinic) -> None:
    first = make("CONTRACT")
    own = write_docx("Наш договор № {{ document.number }} с {{ patient.full_name }}")
    upload_template(kind="CONTRACT", name="own.docx", content=own, actor_id=None, now=NOON)

    newer = make("CONTRACT", after=first.pk)

    assert (first.template.version, newer.template.version) == (1, 2)
    assert "Наш договор № 2" in read_docx(newer.content)


def test_a_parent_signs_for_a_child(make: Make, clinic: Clinic, done: Appointment) -> None:
    mother = make_patient(last_name="Петрова", first_name="Мария", middle_name="")
    clinic.patient.birth_on = NOON.date() - timedelta(days=365 * 10)
    clinic.patient.save()
    Relation.objects.create(patient=clinic.patient, relative=mother, kind="PARENT")

    text = read_docx(make("CONSENT", appointment_id=done.pk).content)

    assert "законный представитель Петрова Мария" in text
    assert "Петрова М." in text


def test_a_line_paid_by_a_package_says_so(make: Make, clinic: Clinic) -> None:
    sell(make_type(clinic.service), clinic, NOON)
    from_package = make_appointment(clinic, "10:00")
    finish_covered(appointment_id=from_package.pk, actor_id=None, now=NOON)

    assert "(по абонементу)" in read_docx(make(appointment_id=from_package.pk).content)


def test_no_act_before_the_end_and_none_for_somebody_else(make: Make, clinic: Clinic) -> None:
    booked = make_appointment(clinic, "15:00")

    with pytest.raises(NoBillYet):
        make(appointment_id=booked.pk)
    with pytest.raises(WrongSubject):
        make(appointment_id=booked.pk, patient_id=make_patient().pk)
    with pytest.raises(WrongSubject):
        make("CONTRACT", appointment_id=booked.pk)
    with pytest.raises(WrongSubject):
        make("CONSENT")
    assert not Document.objects.exists()


def test_the_database_keeps_what_was_made(make: Make) -> None:
    make("CONTRACT")

    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.update(content=b"")
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.all().delete()
