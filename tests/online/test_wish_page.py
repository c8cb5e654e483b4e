import re

import pytest
import time_machine

from intake.models import Request
from tests.factories import Clinic
from tests.online.visitors import Visitor, text_of


@pytest.fixture
def visitor(clinic: Clinic, clock: time_machine.Traveller) -> Visitor:
    return Visitor(clinic, clock)


WISH = {"name": "Вера", "phone": "8 903 555-44-33", "wish": "После шести", "data_agreed": "on"}


def open_form(visitor: Visitor) -> tuple[str, str]:
    """Return the address of the form and its seal, twenty seconds later."""
    path = f"/book/{visitor.clinic.branch.pk}/call/?service={visitor.clinic.service.pk}"
    seal = re.search(r'name="seal" value="([^"]+)"', visitor.get(path).content.decode())
    assert seal is not None
    visitor.clock.shift(20)
    return path, seal[1]


def test_a_wish_becomes_a_request(visitor: Visitor, clinic: Clinic) -> None:
    path, seal = open_form(visitor)

    answers = [visitor.post(path + "&utm_source=vk", **WISH, seal=seal) for _press in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert "Мы получили" in text_of(visitor.get(answers[0].url))
    request = Request.objects.get()
    assert (request.phone, request.branch, request.service) == (
        "+79035554433",
        clinic.branch,
        clinic.service,
    )
    assert "После шести" in request.comment
    assert "Согласие" in request.comment
    assert request.utm == {"utm_source": "vk"}


@pytest.mark.parametrize(
    "other",
    [{"website": "x"}, {"seal": "forged"}, {"data_agreed": ""}, {"phone": "12"}, {"name": ""}],
)
def test_what_is_not_right_is_not_taken(visitor: Visitor, other: dict[str, str]) -> None:
    path, seal = open_form(visitor)

    answer = visitor.post(path, **({**WISH, "seal": seal} | other))

    assert answer.status_code == 422
    assert "После шести" in answer.content.decode()
    assert not Request.objects.exists()


def test_a_program_is_too_fast(visitor: Visitor) -> None:
    path, seal = open_form(visitor)
    visitor.clock.shift(-19)

    assert visitor.post(path, **WISH, seal=seal).status_code == 422


def test_a_phone_wishes_three_times_a_day(visitor: Visitor) -> None:
    answers = []
    for _wish in range(4):
        path, seal = open_form(visitor)
        answers.append(visitor.post(path, **WISH, seal=seal).status_code)

    assert answers == [302, 302, 302, 429]
    assert Request.objects.count() == 3
