import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Segment
from clinic.models import User
from patients.models import AccessEntry
from tests.campaigns.segments.factories import NOW, WOMEN, make_running_scenario, make_segment
from tests.factories import make_patient

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
BROKEN = {"all": [{"trait": "gone", "op": "in", "value": [1]}]}


@pytest.fixture
def marketer(client_for: SignIn, marina: User) -> Client:
    return client_for(marina)


def seen() -> list[tuple[int, str, str]]:
    entries = AccessEntry.objects.order_by("id")
    return list(entries.values_list("patient_id", "action", "place"))


def form(**fields: Any) -> dict[str, Any]:
    told = {"name": "Женщины", "rule": json.dumps(WOMEN), "key": str(uuid4()), "seen_at": ""}
    return told | fields


def test_the_list_tells_the_rule_and_the_size(marketer: Client) -> None:
    make_patient(sex="F")
    make_patient(sex="M")
    make_segment(name="Женщины")

    page = marketer.get(reverse("campaigns:segments")).content.decode()

    assert "Пол: женский" in page
    assert '<span class="size-figure">1</span>' in page
    assert "из 2 (50\xa0%)" in page


def test_the_list_costs_few_queries(marketer: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        make_segment(rule={"all": [{"trait": "branch", "op": "empty"}]})
    marketer.get(reverse("campaigns:segments"))

    with django_assert_max_num_queries(8):
        marketer.get(reverse("campaigns:segments"))


def test_the_list_is_narrowed_and_has_an_archive(marketer: Client) -> None:
    make_segment(name="Молчуны")
    make_segment(name="Щедрые")
    make_segment(name="Старые", archived_at=NOW)
    address = reverse("campaigns:segments")

    found = marketer.get(address, {"q": "щедр"}, headers=HTMX).content.decode()
    archive = marketer.get(address, {"archived": "on"}).content.decode()

    assert "Щедрые" in found
    assert "Молчуны" not in found
    assert "<html" not in found
    assert "Старые" in archive
    assert "Молчуны" not in archive


def test_an_empty_list_offers_samples(marketer: Client) -> None:
    page = marketer.get(reverse("campaigns:segments")).content.decode()
    samples = re.findall(r"\?sample=(\w+)", page)

    assert len(samples) == 6
    for sample in samples:
        start = marketer.get(reverse("campaigns:segment_add"), {"sample": sample})
        rule = json.loads(start.context["form"]["rule"].value())
        answer = marketer.post(reverse("campaigns:segment_count"), {"rule": json.dumps(rule)})
        assert answer.status_code == 200


def test_a_rule_that_no_longer_reads_breaks_no_page(marketer: Client) -> None:
    segment = make_segment()
    Segment.objects.update(rule=BROKEN)

    listed = marketer.get(reverse("campaigns:segments"))
    size = marketer.get(reverse("campaigns:segment_size", args=[segment.pk]))
    opened = marketer.get(reverse("campaigns:segment", args=[segment.pk]))
    editor = marketer.get(reverse("campaigns:segment_change", args=[segment.pk]))

    assert [answer.status_code for answer in (listed, size, opened, editor)] == [200, 204, 200, 200]
    assert "Такого признака нет." in opened.content.decode()


def test_a_segment_is_saved_once(marketer: Client, marina: User) -> None:
    told = form()

    first = marketer.post(reverse("campaigns:segment_add"), told)
    second = marketer.post(reverse("campaigns:segment_add"), told)

    segment = Segment.objects.get()
    assert (segment.name, segment.rule, segment.author) == ("Женщины", WOMEN, marina)
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": ""}, "Обязательное поле."),
        ({"name": "занято"}, "Сегмент с таким названием уже есть."),
        ({"rule": ""}, "Обязательное поле."),
        ({"rule": "{"}, "Это не JSON."),
        ({"rule": json.dumps(BROKEN)}, "/all/0/trait: Такого признака нет."),
        ({"rule": '{"trait": "branch", "op": "in", "value": [9]}'}, "Этого варианта больше нет"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    marketer: Client, fields: dict[str, str], text: str
) -> None:
    make_segment(name="Занято")

    answer = marketer.post(reverse("campaigns:segment_add"), form(**fields))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert text in page
    assert fields.get("name", "Женщины") in page
    assert answer.context["form"]["rule"].value() == fields.get("rule", json.dumps(WOMEN))
    assert Segment.objects.count() == 1


def test_a_change_is_refused_when_a_colleague_was_faster(marketer: Client) -> None:
    segment = make_segment()
    address = reverse("campaigns:segment_change", args=[segment.pk])
    seen_at = marketer.get(address).context["form"]["seen_at"].value()

    first = marketer.post(address, form(name="Первый", seen_at=seen_at))
    second = marketer.post(address, form(name="Второй", seen_at=seen_at))

    assert (first.status_code, second.status_code) == (302, 422)
    assert "изменил коллега" in second.content.decode()
    assert Segment.objects.get().name == "Первый"


def test_a_draft_is_counted_whole_and_by_condition(marketer: Client) -> None:
    for sex in ("F", "F", "M"):
        make_patient(sex=sex)
    conditions = [*WOMEN["all"], {"trait": "visits", "op": "gte", "value": 1}]

    answer = marketer.post(
        reverse("campaigns:segment_count"), {"rule": json.dumps({"all": conditions})}
    )

    told = answer.json()
    assert (told["members"], told["base"], told["share"]) == (0, 3, 0)
    assert told["alone"] == {"/all/0": "2", "/all/1": "0"}
    assert not AccessEntry.objects.exists()


def test_a_draft_that_does_not_read_is_answered_with_its_faults(marketer: Client) -> None:
    answer = marketer.post(reverse("campaigns:segment_count"), {"rule": json.dumps(BROKEN)})

    assert answer.status_code == 400
    assert answer.json()["faults"] == [{"path": "/all/0/trait", "text": "Такого признака нет."}]


def test_the_first_people_are_shown_and_journalled(marketer: Client) -> None:
    patients = [make_patient(sex="F", last_name=f"Аа{n:02}") for n in range(21)]

    page = marketer.post(reverse("campaigns:segment_preview"), {"rule": json.dumps(WOMEN)})

    shown = [patient.pk for patient in patients[:20]]
    assert "Первые 20 из 21" in page.content.decode()
    assert seen() == [(pk, "LISTED", "campaigns:segment_preview") for pk in shown]


def test_contacts_are_masked_for_a_marketer_only(
    marketer: Client, client_for: SignIn, viktor: User
) -> None:
    make_patient(sex="F", phone="+79161234567", email="anna@example.com")
    address = reverse("campaigns:segment", args=[make_segment().pk])

    hidden = marketer.get(address).content.decode()
    open_ = client_for(viktor).get(address).content.decode()

    assert "anna@example.com" not in hidden
    assert "123" not in hidden
    assert "+7 ••• •••-45-67" in hidden
    assert "a•••@example.com" in hidden
    assert "anna@example.com" in open_
    assert "+7\xa0916\xa0123-45-67" in open_


def test_members_come_page_by_page_each_page_in_the_journal(
    marketer: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(52):
        make_patient(sex="F", last_name=f"Аа{number:02}")
    address = reverse("campaigns:segment", args=[make_segment().pk])
    marketer.get(address)

    with django_assert_max_num_queries(17):
        second = marketer.get(address, {"page": 2}).content.decode()

    assert "51–52 из 52" in second
    assert "Аа51" in second
    assert AccessEntry.objects.count() == 52


def test_why_is_told_of_members_and_of_others(marketer: Client) -> None:
    inside, outside = make_patient(sex="F"), make_patient(sex="M", last_name="Другов")
    segment = make_segment()

    why = marketer.get(reverse("campaigns:segment_why", args=[segment.pk, inside.pk]))
    why_not = marketer.post(
        reverse("campaigns:draft_why", args=[outside.pk]), {"rule": json.dumps(WOMEN)}
    )

    assert "не в сегменте" not in why.content.decode()
    assert "не в сегменте" in why_not.content.decode()
    assert "<strong>мужской</strong>" in why_not.content.decode()
    assert seen() == [
        (inside.pk, "LISTED", "campaigns:segment_why"),
        (outside.pk, "LISTED", "campaigns:draft_why"),
    ]


def test_any_patient_can_be_looked_up(marketer: Client) -> None:
    make_patient(sex="F", last_name="Петрова")
    make_patient(sex="M", last_name="Петров")
    segment = make_segment()

    found = marketer.get(
        reverse("campaigns:segment_check", args=[segment.pk]), {"q": "петров"}
    ).content.decode()

    assert found.count("не в сегменте") == 1
    assert found.count("в сегменте") == 2
    assert AccessEntry.objects.count() == 2


def test_a_copy_opens_in_the_editor(marketer: Client) -> None:
    segment = make_segment(name="Женщины")

    answer = marketer.post(reverse("campaigns:segment_copy", args=[segment.pk]))

    copied = Segment.objects.exclude(pk=segment.pk).get()
    assert copied.name == "Женщины, копия"
    assert answer.headers["Location"] == reverse("campaigns:segment_change", args=[copied.pk])


def test_the_archive_takes_what_no_scenario_needs(marketer: Client) -> None:
    free, used = make_segment(), make_segment()
    make_running_scenario(used)

    for segment in (free, used):
        marketer.post(reverse("campaigns:segment_archive", args=[segment.pk]))

    free.refresh_from_db()
    used.refresh_from_db()
    assert free.archived_at is not None
    assert used.archived_at is None

    marketer.post(reverse("campaigns:segment_restore", args=[free.pk]))
    free.refresh_from_db()
    assert free.archived_at is None
