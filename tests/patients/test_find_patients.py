from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from patients.actions import ContactDetails, PatientDetails, add_patient
from patients.models import Patient
from patients.queries import find_patients, guess_person
from patients.queries.search import Guess, read_wanted
from tests.factories import at, make_branch, make_patient

NOBODY: list[str] = []


@pytest.fixture
def people(db: None) -> None:
    make_patient(
        last_name="Иванова",
        first_name="Алёна",
        middle_name="Петровна",
        birth_on=date(1985, 3, 12),
        phone="+79161234567",
    )
    make_patient(
        last_name="Петров-Водкин",
        first_name="Иван",
        middle_name="",
        birth_on=date(2015, 7, 1),
        phone="+79031204567",
    )
    make_patient(
        last_name="Ли",
        first_name="Анна",
        middle_name="",
        birth_on=date(1990, 12, 31),
        phone="+375291112233",
    )


def found(text: str) -> list[str]:
    return [row.full_name for row in find_patients(text=text, limit=10)]


ALYONA, IVAN, ANNA = "Иванова Алёна Петровна", "Петров-Водкин Иван", "Ли Анна"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("иванова", [ALYONA]),
        ("ИВАНОВА АЛЕНА", [ALYONA]),
        ("алёна иванова", [ALYONA]),
        ("водкин", [IVAN]),
        ("петров водкин", [IVAN]),
        ("Петров-Водкин", [IVAN]),
        ("петров", [IVAN, ALYONA]),
        ("иван", [ALYONA, IVAN]),
        ("иванова а", [ALYONA]),
        ("иванова б", NOBODY),
        ("ли", [ANNA]),
        ("ли анна", [ANNA]),
        ("bdfyjdf", [ALYONA]),
        ("сидоров", NOBODY),
        ("100%", NOBODY),
        ("_", NOBODY),
    ],
)
def test_by_any_part_of_the_name(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("8 (916) 123-45-67", [ALYONA]),
        ("+79161234567", [ALYONA]),
        ("9161234567", [ALYONA]),
        ("8916123", [ALYONA]),
        ("916 123", [ALYONA]),
        ("12345", [ALYONA]),
        ("4567", [ALYONA, IVAN]),
        ("45-67", [ALYONA, IVAN]),
        ("+375 29", [ANNA]),
        ("1234", NOBODY),
        ("45", NOBODY),
        ("8 999 000 11 22", NOBODY),
    ],
)
def test_by_phone_however_typed(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("12.03.1985", [ALYONA]),
        ("12.3.85", [ALYONA]),
        ("1985-03-12", [ALYONA]),
        ("12/03/1985", [ALYONA]),
        ("12031985", [ALYONA]),
        ("1.7.15", [IVAN]),
        ("13.03.1985", NOBODY),
    ],
)
def test_by_birth_date(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("иванова 4567", [ALYONA]),
        ("4567 иван", [ALYONA, IVAN]),
        ("водкин 12.03.1985", NOBODY),
        ("алена 12.03.1985", [ALYONA]),
        ("иванова 12.03.1985 4567", [ALYONA]),
        ("иванова 12.03.1985 9999", NOBODY),
    ],
)
def test_words_and_figures_narrow_each_other(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("text", ["", "   ", "-", "+", "()", "\0"])
def test_nothing_asked_finds_nobody(text: str) -> None:
    assert found(text) == []


def test_figures_that_may_be_a_date_or_a_phone_find_both(db: None) -> None:
    born = make_patient(birth_on=date(1985, 3, 12), last_name="Абаев")
    called = make_patient(phone="+79112031985", last_name="Бабаев")

    rows = find_patients(text="12031985", limit=10)

    assert [row.id for row in rows] == [born.pk, called.pk]


def test_the_number_that_was_searched_for_is_shown_with_whose_it_is(db: None) -> None:
    branch = make_branch()
    add_patient(
        details=PatientDetails(
            last_name="Малышев",
            first_name="Пётр",
            contacts=[
                ContactDetails(kind="PHONE", value="89161112233", is_primary=True),
                ContactDetails(kind="PHONE", value="89165557788", owner="GUARDIAN"),
            ],
        ),
        actor_id=None,
        now=at(branch, "10:00"),
    )

    row = find_patients(text="555 77 88", limit=10)[0]

    assert (row.phone, row.phone_owner) == ("+79165557788", "GUARDIAN")


def test_the_searcher_sees_only_his_own(db: None) -> None:
    one, _other = make_patient(last_name="Иванов"), make_patient(last_name="Иванов")

    rows = find_patients(text="иванов", limit=10, among=Patient.objects.filter(pk=one.pk))

    assert [row.id for row in rows] == [one.pk]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("text", ["петров", "4567", "12.03.1985", "иванова 4567", "12031985"])
def test_a_search_is_one_statement(
    text: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        find_patients(text=text, limit=10)


def test_the_limit_holds_over_both_branches(db: None) -> None:
    for _ in range(3):
        make_patient(last_name="Петров")
        make_patient(last_name="Иванов", middle_name="Петрович")

    rows = find_patients(text="петров", limit=4)

    assert [row.full_name[:6] for row in rows] == ["Петров", "Петров", "Петров", "Иванов"]


def test_a_leading_eight_of_a_part_is_also_plus_seven() -> None:
    assert read_wanted("8916").numbers == ("8916",)
    assert read_wanted("89161").numbers == ("89161", "+79161")


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        (
            "иванова анна петровна",
            Guess(last_name="Иванова", first_name="Анна", middle_name="Петровна"),
        ),
        ("Петрова-водкина", Guess(last_name="Петрова-водкина")),
        ("петрова-водкина", Guess(last_name="Петрова-Водкина")),
        ("8 916 123-45-67", Guess(number="8 916 123-45-67")),
        ("ли 12.03.1985", Guess(last_name="Ли", dates=(date(1985, 3, 12),))),
        ("", Guess()),
    ],
)
def test_what_found_nobody_begins_the_new_card(text: str, guess: Guess) -> None:
    assert guess_person(text) == guess


def test_who_sees_numbers_masked_cannot_feel_for_them_digit_by_digit(db: None) -> None:
    patient = make_patient(phone="+79161234567")

    def find(text: str) -> list[int]:
        rows = find_patients(text=text, limit=5, by_part_of_phone=False)
        return [row.id for row in rows]

    assert find("916") == find("916123") == find("123456") == []
    assert find("4567") == find("8 916 123-45-67") == find("+79161234567") == [patient.pk]
