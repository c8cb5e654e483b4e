from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from clinic.names import fold
from patients.queries import Identity, list_candidates
from tests.factories import make_patient

BORN = date(1985, 3, 12)
PHONE = "+79161234567"


def reasons(name: str, birth_on: date | None = None, *addresses: str) -> list[str]:
    identity = Identity(name_key=fold(name), birth_on=birth_on, addresses=addresses)
    return [candidate.reason for candidate in list_candidates(identity=identity)]


@pytest.fixture
def anna(db: None) -> None:
    make_patient(
        last_name="Иванова",
        first_name="Анна",
        middle_name="Петровна",
        birth_on=BORN,
        phone=PHONE,
    )


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("name", "birth_on", "address", "reason"),
    [
        ("Иванова Анна", None, PHONE, "contact"),
        ("Иванова А.", None, PHONE, "contact"),
        ("Анна Иванова", None, PHONE, "contact"),
        ("Иваннова Анна", date(1985, 3, 21), PHONE, "contact"),
        ("Смирнова Анна Петровна", BORN, PHONE, "contact"),
        ("Иванова Анна", BORN, "+79030000001", "birth"),
        ("Иванова Анна Петровна", None, "", "name"),
    ],
)
def test_who_may_be_the_same_is_asked_about(
    name: str, birth_on: date | None, address: str, reason: str
) -> None:
    assert reasons(name, birth_on, *filter(None, [address])) == [reason]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("name", "birth_on", "address"),
    [
        ("Иванов Пётр", None, PHONE),
        ("Иванова Мария", date(2015, 7, 1), PHONE),
        ("Кузнецова Анна", None, PHONE),
        ("Кузнецова Ольга", BORN, ""),
        ("Иванова Анна Петровна", date(1990, 1, 1), ""),
        ("Сидорова Ольга", None, "+79030000001"),
    ],
)
def test_relatives_and_namesakes_are_not(name: str, birth_on: date | None, address: str) -> None:
    assert reasons(name, birth_on, *filter(None, [address])) == []


@pytest.mark.usefixtures("anna")
def test_it_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        reasons("Иванова Анна", BORN, PHONE)
