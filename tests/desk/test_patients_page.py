from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from appointments.models import PatientTotals
from clinic.models import User
from desk.queries.patient_list import PAGE, ListFilter, Standing, list_patients
from patients.models import Patient
from tests.factories import make_appointment, make_branch, make_clinic, make_patient, make_source

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)
SignIn = Callable[[User], Client]


def names(**wanted: Any) -> list[str]:
    page = list_patients(among=Patient.objects.all(), wanted=ListFilter(**wanted), now=NOW)
    return [row.full_name for row in page.rows]


def named(last_name: str, **fields: Any) -> Patient:
    return make_patient(last_name=last_name, first_name="А", middle_name="", **fields)


def test_the_list_is_by_folded_name(db: None) -> None:
    for name in ("Яковлев", "Ёлкин", "Жуков", "Ежов"):
        named(name)

    assert names() == ["Ежов А", "Ёлкин А", "Жуков А", "Яковлев А"]


def test_the_list_is_walked_there_and_back(db: None) -> None:
    for number in range(2 * PAGE + 5):
        named(f"Иванов{number:03}")
    everybody = Patient.objects.order_by("name_key").values_list("pk", flat=True)

    seen: list[int] = []
    backwards: list[int] = []
    page = list_patients(among=Patient.objects.all(), wanted=ListFilter(), now=NOW)
    assert page.before is None
    while True:
        seen += [row.id for row in page.rows]
        if page.after is None:
            break
        wanted = ListFilter(after=page.after)
        page = list_patients(among=Patient.objects.all(), wanted=wanted, now=NOW)
    while page.before is not None:
        wanted = ListFilter(before=page.before)
        page = list_patients(among=Patient.objects.all(), wanted=wanted, now=NOW)
        backwards = [row.id for row in page.rows] + backwards

    assert seen == list(everybody)
    assert backwards == list(everybody)[: 2 * PAGE]


def test_namesakes_are_neither_lost_nor_repeated(db: None) -> None:
    for _ in range(PAGE + 2):
        named("Иванов")

    first = list_patients(among=Patient.objects.all(), wanted=ListFilter(), now=NOW)
    second = list_patients(
        among=Patient.objects.all(), wanted=ListFilter(after=first.after), now=NOW
    )

    ids = [row.id for page in (first, second) for row in page.rows]
    assert len(ids) == len(set(ids)) == PAGE + 2


def test_a_letter_opens_the_list_there(db: None) -> None:
    for name in ("Абаев", "Борисов", "Власов"):
        named(name)

    assert names(letter="Б") == ["Борисов А", "Власов А"]


def test_filters_narrow_the_list(db: None) -> None:
    branch, source = make_branch(), make_source()
    named("Абаев", branch=branch)
    named("Борисов", source=source)
    named("Власов", status="REFUSED")

    assert names(branch_id=branch.pk) == ["Абаев А"]
    assert names(source_id=source.pk) == ["Борисов А"]
    assert names(status="REFUSED") == ["Власов А"]


def test_who_stands_how_with_the_clinic(db: None) -> None:
    long_ago, soon = NOW - timedelta(days=90), NOW + timedelta(days=3)
    silent = named("Абаев")
    PatientTotals.objects.create(patient=silent, visits=2, last_visit_at=long_ago)
    ahead = named("Борисов")
    PatientTotals.objects.create(
        patient=ahead, visits=2, last_visit_at=long_ago, booked_until_at=soon
    )
    owing = named("Власов")
    PatientTotals.objects.create(patient=owing, visits=1, last_visit_at=NOW, debt=Decimal(500))
    named("Гусев", created_at=NOW)

    assert names(standing=Standing.SILENT) == ["Абаев А"]
    assert names(standing=Standing.AHEAD) == ["Борисов А"]
    assert names(standing=Standing.DEBT) == ["Власов А"]
    assert names(standing=Standing.NEW) == ["Гусев А"]
    assert names(standing=Standing.NEVER) == ["Гусев А"]


def test_a_text_is_searched_within_the_filters(db: None) -> None:
    branch = make_branch()
    named("Иванов", branch=branch, phone="+79161234567")
    named("Иванов", phone="+79161234567")

    assert names(text="4567") == ["Иванов А", "Иванов А"]
    assert names(text="иванов", branch_id=branch.pk) == ["Иванов А"]


def test_the_next_visit_is_the_nearest_one_ahead(db: None) -> None:
    clinic = make_clinic()
    make_appointment(clinic, "17:00")
    make_appointment(clinic, "12:00", status="CONFIRMED")
    make_appointment(clinic, "11:00", status="CANCELLED", cancel_reason="OTHER")
    make_appointment(clinic, "09:00", on=date(2026, 11, 30))

    row = list_patients(among=Patient.objects.all(), wanted=ListFilter(), now=NOW).rows[0]

    assert row.next_at == clinic.at("12:00")
    assert row.next_zone.key == "Europe/Moscow"


@pytest.mark.parametrize("patients", [3, 40])
def test_a_page_costs_the_same_however_many_there_are(
    olga: User,
    client_for: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
    patients: int,
) -> None:
    for number in range(patients):
        named(f"Иванов{number:03}", phone=f"+7916000{number:04}")
    client = client_for(olga)

    with django_assert_num_queries(8):
        response = client.get("/patients/")

    assert response.status_code == 200


def test_reception_sees_the_list_and_how_to_add(olga: User, client_for: SignIn) -> None:
    make_patient(last_name="Иванова", phone="+79161234567")

    page = client_for(olga).get("/patients/").content.decode()

    assert "Иванова" in page
    assert "+7\N{NO-BREAK SPACE}916\N{NO-BREAK SPACE}123-45-67" in page
    assert "/patients/new/" in page


def test_a_marketer_sees_masked_phones(marina: User, client_for: SignIn) -> None:
    make_patient(last_name="Иванова", phone="+79161234567")

    page = client_for(marina).get("/patients/").content.decode()
    hits = client_for(marina).get("/search/?q=иванова", headers={"HX-Request": "true"})

    for shown in (page, hits.content.decode()):
        assert "123" not in shown.replace("•", "")
        assert "••• •••-45-67" in shown
    assert "/patients/new/" not in page


def test_a_doctor_sees_only_his_patients(dmitry: User, client_for: SignIn) -> None:
    clinic = make_clinic()
    make_appointment(clinic, employee=dmitry.employee)
    make_patient(last_name="Чужой")

    client = client_for(dmitry)
    page = client.get("/patients/").content.decode()
    hits = client.get("/search/?q=Чужой", headers={"HX-Request": "true"}).content.decode()

    assert clinic.patient.last_name in page
    assert "Чужой" not in page
    assert "/patients/" not in hits


def test_htmx_gets_the_rows_alone(olga: User, client_for: SignIn) -> None:
    make_patient(last_name="Иванова")

    response = client_for(olga).get("/patients/?q=иван", headers={"HX-Request": "true"})

    assert "Иванова" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_nonsense_in_the_address_narrows_nothing(olga: User, client_for: SignIn) -> None:
    make_patient(last_name="Иванова")

    for query in ("branch=x", "after=-1", "after=999999", "standing=rich", "letter=%00"):
        page = client_for(olga).get(f"/patients/?{query}").content.decode()
        assert "Иванова" in page, query


def test_an_empty_list_says_how_to_fill_it(olga: User, client_for: SignIn) -> None:
    client = client_for(olga)

    assert "Пациентов пока нет" in client.get("/patients/").content.decode()
    assert "Никто не подходит" in client.get("/patients/?q=нет").content.decode()


def test_the_search_marks_what_was_typed(olga: User, client_for: SignIn) -> None:
    patient = make_patient(last_name="Алёхина")

    page = client_for(olga).get("/search/?q=алех", headers={"HX-Request": "true"})

    assert "<mark>Алёх</mark>" in page.content.decode()
    assert f"/patients/{patient.pk}/" in page.content.decode()


def test_a_search_that_finds_nobody_offers_to_add(olga: User, client_for: SignIn) -> None:
    page = client_for(olga).get("/search/?q=сидорова", headers={"HX-Request": "true"})

    assert "Никого не нашлось" in page.content.decode()
    assert "/patients/new/?q=%D1%81" in page.content.decode()


def test_without_a_script_the_search_opens_the_list(olga: User, client_for: SignIn) -> None:
    response = client_for(olga).get("/search/?q=иван")

    assert response.status_code == 302
    assert response["Location"] == "/patients/?q=%D0%B8%D0%B2%D0%B0%D0%BD"


def test_what_people_are_called_is_no_markup(olga: User, client_for: SignIn) -> None:
    named("<script>alert(1)</script>")

    page = client_for(olga).get("/patients/").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt; А" in page
    assert "<script>alert" not in page


def test_the_letters_keep_the_other_filters(olga: User, client_for: SignIn) -> None:
    named("Волков")

    page = client_for(olga).get("/patients/?standing=new&letter=А&after=1").content.decode()

    assert '<a href="?standing=new&amp;letter=%D0%90" aria-current="true">А</a>' in page
    assert '<a href="?standing=new&amp;letter=%D0%91">Б</a>' in page
