"""Which texts can be saved: variables, secrets, advertising, length."""

import pytest

from messaging.parts import count_parts
from messaging.rules import Draft, list_problems, render_sample
from messaging.secrecy import find_secrets

LINKED = "Ждём вас {{ date }} в {{ time }}. Ответить: {{ link }}"


def draft(body: str = LINKED, **fields: str) -> Draft:
    defaults = {
        "kind": "appointment_reminder",
        "channel": "SMS",
        "language": "ru",
        "subject": "",
        "body": body,
    }
    return Draft(**defaults | fields)


def problems(tried: Draft, *names: str) -> list[str]:
    return [problem.text for problem in list_problems(tried, names=names)]


def test_a_neutral_text_can_be_saved() -> None:
    assert problems(draft()) == []


@pytest.mark.parametrize(
    ("addition", "told"),
    [
        ("{{ service }}", "{{ service }}"),
        ("{{ doctor }}", "{{ doctor }}"),
        ("{{ specialty }}", "{{ specialty }}"),
        ("{{ nickname }}", "{{ nickname }}"),
        ("Вас ждёт невролог", "невролог"),
        ("Приём ГИНЕКОЛОГА", "гинеколога"),
        ("Массаж спины", "массаж"),
        ("Сдайте анализы", "анализы"),
        ("Кабинет УЗИ", "узи"),
        ("Лечебная гимнастика у бассейна", "лечебная гимнастика"),
        ("{% if phone %}Мас{% endif %}саж", "массаж"),
        ("Скидка 20%", "скидка"),
    ],
)
def test_what_gives_a_patient_away_cannot(addition: str, told: str) -> None:
    found = problems(draft(f"{LINKED} {addition}"), "Лечебная гимнастика")

    assert any(told in text for text in found)


@pytest.mark.parametrize(
    "harmless", ["в зависимости от дня", "кто мы", "массам людей", "спидометр"]
)
def test_words_that_only_look_alike_are_let_through(harmless: str) -> None:
    assert find_secrets(harmless, names=["Приём", "мас"]) == []


def test_a_text_without_its_point_is_refused() -> None:
    assert len(problems(draft("Ждём вас {{ date }}"))) == 2  # neither the time nor the link


def test_an_advertisement_promises_no_result() -> None:
    told = problems(draft("Гарантия 100%: {{ phone }}", kind="reactivation_1"))

    assert len(told) == 2


def test_an_email_needs_a_subject_that_keeps_the_secret_too() -> None:
    empty = draft(channel="EMAIL")
    telling = draft(channel="EMAIL", subject="Вы записаны к урологу")

    assert [problem.field for problem in list_problems(empty, names=[])] == ["subject"]
    assert {problem.field for problem in list_problems(telling, names=[])} == {"subject"}


def test_an_empty_text_is_refused() -> None:
    assert len(problems(draft("  \n "))) == 1


def test_a_broken_placeholder_is_told_in_plain_words() -> None:
    assert len(problems(draft(LINKED + " {{ name"))) == 1
    assert len(problems(draft(LINKED + " {{ name.upper }}"))) == 1
    assert len(problems(draft(LINKED + " {% for x in name %}{% endfor %}"))) == 1


def test_a_novel_does_not_fit() -> None:
    assert len(problems(draft(LINKED + " очень" * 100))) == 1


def test_the_sample_shows_what_the_law_adds() -> None:
    sample = render_sample(draft("Ждём вас снова: {{ phone }}", kind="reactivation_1"))

    assert sample.body.splitlines()[0] == "Ждём вас снова: 84951234567"
    assert sample.body.splitlines()[2].startswith("Отписаться: clinic.ru/u/")
    assert (sample.length, sample.parts) == (130, 2)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("a" * 69 + "я", 1),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
    ],
)
def test_parts_are_counted_as_operators_count_them(text: str, parts: int) -> None:
    assert count_parts(text) == parts
