from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from clinic.models import User
from outbox.models import Event
from patients.models import AccessEntry, Patient
from tests.factories import make_patient, make_source

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def filled(*contacts: dict[str, str], **fields: str) -> dict[str, Any]:
    """What the form posts for an Anna with these contacts."""
    person = {
        "last_name": "Алёхина",
        "first_name": "Анна",
        "middle_name": "",
        "birth_on": "12.3.85",
        "sex": "F",
        "channel": "SMS",
        "language": "ru",
        "is_reachable": "on",
        "note": "",
    }
    lines = {
        f"contacts-{number}-{name}": value
        for number, contact in enumerate(contacts)
        for name, value in ({"owner": "OWN", "is_valid_contact": "on"} | contact).items()
    }
    counts = {"contacts-TOTAL_FORMS": str(len(contacts)), "contacts-INITIAL_FORMS": "0"}
    return person | counts | lines | fields


@pytest.fixture
def desk(olga: User, client_for: SignIn) -> Client:
    return client_for(olga)


def test_a_patient_is_added_as_people_write(desk: Client, olga: User) -> None:
    source = make_source()
    response = desk.post(
        "/patients/new/",
        filled(
            {"value": "8 (916) 123-45-67"},
            {"value": "Mama@Mail.ru", "owner": "GUARDIAN"},
            {"value": ""},
            source=str(source.pk),
        ),
    )

    patient = Patient.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/patients/{patient.pk}/"
    assert (patient.full_name, patient.birth_on) == ("Алёхина Анна", date(1985, 3, 12))
    assert (patient.sex, patient.source, patient.is_reachable) == ("F", source, True)
    assert set(patient.contacts.values_list("kind", "value", "owner", "is_primary")) == {
        ("PHONE", "+79161234567", "OWN", True),
        ("EMAIL", "mama@mail.ru", "GUARDIAN", True),
    }
    assert Event.objects.get().actor_id == olga.pk


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"contacts-0-value": "123-45"}, "Слишком короткий номер"),
        ({"contacts-0-value": "0000000000"}, "Это не настоящий номер"),
        ({"contacts-0-value": "anna@"}, "Это не адрес почты"),
        ({"birth_on": "31.02.1985"}, "Введите дату в виде 12.03.1985"),
        ({"birth_on": "12.03.2999"}, "Эта дата ещё не наступила"),
        ({"last_name": "", "first_name": ""}, "Обязательное поле"),
    ],
)
def test_an_error_stands_by_its_field_and_nothing_typed_is_lost(
    desk: Client, wrong: dict[str, str], said: str
) -> None:
    posted = filled({"value": "89161234567"}, note="Звонить после шести") | wrong

    response = desk.post("/patients/new/", posted)

    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert "Звонить после шести" in page
    for value in wrong.values():
        assert value in page
    assert not Patient.objects.exists()
    assert not Event.objects.exists()


def test_a_lookalike_is_shown_before_anything_is_saved(desk: Client) -> None:
    known = make_patient(last_name="Алехина", first_name="Анна", phone="+79161234567")

    response = desk.post("/patients/new/", filled({"value": "89161234567"}, birth_on=""))

    page = response.content.decode()
    assert response.status_code == 409
    assert known.full_name in page
    assert f'href="/patients/{known.pk}/"' in page
    assert f'name="not_same_as" value="{known.pk}"' in page
    assert 'value="89161234567"' in page
    assert Patient.objects.count() == 1


def test_another_person_is_added_once_said_so(desk: Client) -> None:
    known = make_patient(last_name="Алехина", first_name="Анна", phone="+79161234567")
    posted = filled({"value": "89161234567"}, birth_on="", not_same_as=str(known.pk))

    assert desk.post("/patients/new/", posted).status_code == 302
    assert desk.post("/patients/new/", posted).status_code == 409
    assert Patient.objects.count() == 2


def test_what_was_searched_for_begins_the_card(desk: Client) -> None:
    page = desk.get("/patients/new/?q=иванова анна 89161234567").content.decode()

    for value in ("Иванова", "Анна", "89161234567"):
        assert f'value="{value}"' in page


@pytest.fixture
def anna(db: None) -> Patient:
    return make_patient(
        last_name="Иванова", first_name="Анна", middle_name="", phone="+79161234567"
    )


def test_editing_opens_the_card_in_the_journal(desk: Client, anna: Patient) -> None:
    page = desk.get(f"/patients/{anna.pk}/edit/").content.decode()

    assert 'value="12.04.1988"' in page
    assert 'value="+7\N{NO-BREAK SPACE}916\N{NO-BREAK SPACE}123-45-67"' in page
    assert AccessEntry.objects.get().place == "patients:edit"


def test_what_was_not_touched_stays(desk: Client, anna: Patient) -> None:
    anna.status, anna.refusal_reason = "EXPENSIVE", "дорого"
    anna.save()
    posted = filled(
        {"value": "+7 916 123-45-67", "is_primary": "on"},
        last_name="Иванова",
        birth_on="12.04.1988",
        sex="",
    )

    response = desk.post(f"/patients/{anna.pk}/edit/", posted)

    anna.refresh_from_db()
    assert response.status_code == 302
    assert (anna.status, anna.refusal_reason) == ("EXPENSIVE", "дорого")
    assert not Event.objects.exists()


def test_a_contact_left_out_is_removed(desk: Client, anna: Patient) -> None:
    posted = filled({"value": ""}, {"value": "new@mail.ru"}, last_name="Смирнова")

    desk.post(f"/patients/{anna.pk}/edit/", posted)

    anna.refresh_from_db()
    assert anna.last_name == "Смирнова"
    assert [contact.value for contact in anna.contacts.all()] == ["new@mail.ru"]


def test_a_wrong_edit_changes_nothing(desk: Client, anna: Patient) -> None:
    posted = filled({"value": "12"}, last_name="Смирнова")

    response = desk.post(f"/patients/{anna.pk}/edit/", posted)

    anna.refresh_from_db()
    assert response.status_code == 422
    assert "Смирнова" in response.content.decode()
    assert anna.last_name == "Иванова"
    assert anna.contacts.get().value == "+79161234567"


def test_the_status_is_set_in_a_dialog(desk: Client, anna: Patient) -> None:
    address = f"/patients/{anna.pk}/status/"

    refused = desk.post(address, {"status": "REFUSED", "refusal_reason": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert "Укажите, почему пациент отказался" in refused.content.decode()

    done = desk.post(address, {"status": "REFUSED", "refusal_reason": "переехала"}, headers=HTMX)
    anna.refresh_from_db()
    assert done.status_code == 204
    assert "patient-changed" in done["HX-Trigger"]
    assert (anna.status, anna.refusal_reason) == ("REFUSED", "переехала")


@pytest.mark.parametrize("who", ["dmitry", "marina"])
@pytest.mark.parametrize("address", ["new", "{id}/edit", "{id}/status", "{id}/consents"])
def test_nobody_else_may_change(
    anna: Patient, who: str, address: str, client_for: SignIn, request: pytest.FixtureRequest
) -> None:
    client = client_for(request.getfixturevalue(who))

    response = client.post(f"/patients/{address.format(id=anna.pk)}/", filled())

    anna.refresh_from_db()
    assert response.status_code == 403
    assert anna.last_name == "Иванова"
    assert Patient.objects.count() == 1


def test_two_colleagues_over_one_card_do_not_overwrite_each_other(desk: Client) -> None:
    patient = make_patient(last_name="Алёхина", phone="+79161234567")
    address, phone = f"/patients/{patient.pk}/edit/", {"value": "8 916 123-45-67"}
    page = desk.get(address).content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    assert desk.post(address, filled(phone, note="первая", seen=seen)).status_code == 302

    second = desk.post(address, filled(phone, note="вторая", seen=seen))

    assert second.status_code == 422
    assert "изменил коллега" in second.content.decode()
    assert "вторая" in second.content.decode()
    assert Patient.objects.get().note == "первая"
