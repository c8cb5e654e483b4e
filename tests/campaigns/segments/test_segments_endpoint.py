from typing import Any

import pytest
from rest_framework.test import APIClient

from campaigns.models import Segment
from clinic.models import User
from patients.models import AccessEntry
from tests.campaigns.segments.factories import WOMEN, make_running_scenario, make_segment
from tests.factories import make_patient

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/segments/"
KEY = {"Idempotency-Key": "segment-0001"}


@pytest.fixture
def program(marina: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(marina)
    return client


def test_a_segment_is_made_once_and_read_back(program: APIClient, marina: User) -> None:
    make_patient(sex="F")
    body = {"name": "Женщины", "rule": WOMEN}

    first = program.post(ADDRESS, body, headers=KEY)
    second = program.post(ADDRESS, body, headers=KEY)
    listed = program.get(ADDRESS)

    assert (first.status_code, first.data) == (201, second.data)
    assert (first.data["members"], first.data["base"], first.data["author"]) == (1, 1, marina.pk)
    assert listed.data["results"] == [program.get(f"{ADDRESS}{first.data['id']}/").data]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "Новый"}, 400, "invalid"),
        ({"name": "Занято", "rule": WOMEN}, 409, "name_taken"),
        ({"name": "Новый", "rule": {"any": []}}, 400, "rule_invalid"),
        ({"name": "Новый", "rule": "DROP TABLE"}, 400, "rule_invalid"),
    ],
)
def test_what_does_not_do_is_refused(
    program: APIClient, body: dict[str, Any], status: int, code: str
) -> None:
    make_segment(name="Занято")

    answer = program.post(ADDRESS, body, headers=KEY)

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert Segment.objects.count() == 1


def test_a_change_names_the_state_it_saw(program: APIClient) -> None:
    segment = make_segment()
    address = f"{ADDRESS}{segment.pk}/"
    seen = program.get(address).data["updated_at"]
    body = {"name": "Все", "rule": {"all": []}, "updated_at": seen}

    first, second = program.put(address, body), program.put(address, body)

    assert (first.status_code, first.data["name"]) == (200, "Все")
    assert (second.status_code, second.data["code"]) == (409, "segment_changed")


def test_a_rule_is_counted_and_nothing_is_stored(program: APIClient) -> None:
    make_patient(sex="F")
    make_patient(sex="M")

    answer = program.post(f"{ADDRESS}count/", {"rule": WOMEN})

    assert answer.data == {"members": 1, "base": 2, "conditions": {"/all/0": 1}}
    assert not Segment.objects.exists()


def test_members_are_masked_and_journalled(program: APIClient) -> None:
    patient = make_patient(sex="F", phone="+79161234567")
    segment = make_segment()

    answer = program.get(f"{ADDRESS}{segment.pk}/members/")

    [member] = answer.data["results"]
    assert (member["id"], member["phone"]) == (patient.pk, "+7 ••• •••-45-67")
    entry = AccessEntry.objects.get()
    assert (entry.patient, entry.place) == (patient, "campaigns_api:segment-members")


def test_why_is_told_condition_by_condition(program: APIClient) -> None:
    patient, segment = make_patient(sex="M"), make_segment()

    answer = program.get(f"{ADDRESS}{segment.pk}/why/{patient.pk}/")

    assert answer.data["holds"] is False
    assert answer.data["lines"] == [
        {
            "kind": "condition",
            "path": "/all/0",
            "text": "Пол: женский",
            "holds": False,
            "fact": "мужской",
            "lines": [],
        }
    ]


def test_the_archive_refuses_what_is_in_use(program: APIClient) -> None:
    segment = make_segment()
    scenario = make_running_scenario(segment)
    address = f"{ADDRESS}{segment.pk}/"

    refused = program.post(f"{address}archive/")
    scenario.delete()
    put_away = program.post(f"{address}archive/")
    restored = program.post(f"{address}restore/")

    assert (refused.status_code, refused.data["code"]) == (409, "segment_in_use")
    assert put_away.data["archived_at"] is not None
    assert restored.data["archived_at"] is None


def test_the_traits_are_listed(program: APIClient) -> None:
    topics = program.get(f"{ADDRESS}traits/").data["topics"]

    assert [topic["code"] for topic in topics][:2] == ["PERSON", "CONTACT"]


def test_what_is_not_there_is_not_found(program: APIClient) -> None:
    for path in ("999/", "999/members/", "999/why/1/"):
        assert program.get(f"{ADDRESS}{path}").status_code == 404
