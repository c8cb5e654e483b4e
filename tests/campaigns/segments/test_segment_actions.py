from datetime import timedelta
from typing import Any

import pytest

from campaigns.actions.segments import (
    KeyReused,
    NameMissing,
    NameTaken,
    SegmentChangedMeanwhile,
    SegmentDraft,
    SegmentInUse,
    SegmentIsArchived,
    archive_segment,
    change_segment,
    copy_segment,
    create_segment,
    recount_next,
    restore_segment,
)
from campaigns.models import Segment
from campaigns.segments.rules import RuleInvalid
from clinic.models import User
from outbox.errors import Refused
from outbox.models import Event
from tests.campaigns.segments.factories import NOW, WOMEN, make_running_scenario, make_segment
from tests.factories import make_patient

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
EVERYBODY: dict[str, Any] = {"all": []}


def create(name: str = "Женщины", rule: Any = WOMEN, key: str = "k1") -> Segment:
    draft = SegmentDraft(name=name, rule=rule)
    return create_segment(draft=draft, key=key, actor_id=None, now=NOW)


def change(segment: Segment, name: str = "Все", rule: Any = EVERYBODY, **more: Any) -> Segment:
    return change_segment(
        segment_id=segment.pk,
        draft=SegmentDraft(name=name, rule=rule),
        seen_at=more.get("seen_at", segment.updated_at),
        actor_id=None,
        now=LATER,
    )


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_a_new_segment_is_counted(marina: User) -> None:
    for sex in ("F", "F", "M"):
        make_patient(sex=sex)
    draft = SegmentDraft(name="  Женщины   клиники ", rule=WOMEN)

    made = create_segment(draft=draft, key="k1", actor_id=marina.pk, now=NOW)

    assert (made.name, made.author, made.created_at) == ("Женщины клиники", marina, NOW)
    assert (made.members, made.base, made.counted_at) == (2, 3, NOW)
    assert events() == ["campaigns.SegmentCreated"]


def test_the_same_key_makes_one_segment() -> None:
    first, second = create(), create()

    assert first == second
    with pytest.raises(KeyReused):
        create(rule=EVERYBODY)
    assert events() == ["campaigns.SegmentCreated"]


@pytest.mark.parametrize(
    ("draft", "refusal"),
    [
        ({"name": " "}, NameMissing),
        ({"name": "x" * 101}, NameMissing),
        ({"name": "жЕНщины"}, NameTaken),
        ({"rule": {"any": []}}, RuleInvalid),
        ({"rule": {"trait": "branch", "op": "in", "value": [999]}}, RuleInvalid),
    ],
)
def test_a_draft_that_does_not_do_is_refused(draft: dict[str, Any], refusal: type[Refused]) -> None:
    create()

    with pytest.raises(refusal):
        create(**{"name": "Другие", "key": "k2"} | draft)

    assert Segment.objects.count() == 1


def test_a_change_counts_anew() -> None:
    make_patient(sex="M")
    segment = create()

    changed = change(segment)

    assert (changed.name, changed.rule, changed.updated_at) == ("Все", EVERYBODY, LATER)
    assert (changed.members, changed.base, changed.counted_at) == (1, 1, LATER)
    assert events() == ["campaigns.SegmentCreated", "campaigns.SegmentChanged"]


def test_what_a_colleague_changed_meanwhile_is_not_overwritten() -> None:
    segment = create()
    seen_at = segment.updated_at
    change(segment)

    with pytest.raises(SegmentChangedMeanwhile):
        change(segment, name="Мои", seen_at=seen_at)

    segment.refresh_from_db()
    assert segment.name == "Все"


def test_the_name_of_another_is_refused_and_ones_own_is_not() -> None:
    segment, _other = create(), create(name="Другие", key="k2")

    change(segment, name="ЖЕНЩИНЫ")
    segment.refresh_from_db()
    with pytest.raises(NameTaken):
        change(segment, name="другие")


def test_copies_get_names_of_their_own() -> None:
    segment = create(name="x" * 100)

    names = [
        copy_segment(segment_id=segment.pk, key=key, actor_id=None, now=NOW).name
        for key in ("c1", "c1", "c2")
    ]

    assert names == ["x" * 93 + ", копия", "x" * 93 + ", копия", "x" * 91 + ", копия 2"]


def test_an_archived_segment_comes_back() -> None:
    segment = create()

    put_away = archive_segment(segment_id=segment.pk, actor_id=None, now=LATER)
    with pytest.raises(SegmentIsArchived):
        change(segment)
    restored = restore_segment(segment_id=segment.pk, actor_id=None, now=LATER)

    assert (put_away.archived_at, restored.archived_at) == (LATER, None)
    assert events()[1:] == ["campaigns.SegmentArchived", "campaigns.SegmentRestored"]


def test_a_segment_that_a_running_scenario_needs_stays() -> None:
    segment = create()
    make_running_scenario(segment)

    with pytest.raises(SegmentInUse):
        archive_segment(segment_id=segment.pk, actor_id=None, now=LATER)

    segment.refresh_from_db()
    assert segment.archived_at is None


def test_counts_are_renewed_oldest_first_until_all_are_fresh() -> None:
    old = make_segment(counted_at=NOW - timedelta(hours=2))
    older = make_segment(counted_at=NOW - timedelta(hours=3))
    make_segment(counted_at=NOW - timedelta(hours=4), archived_at=NOW)
    fresh = make_segment(counted_at=NOW - timedelta(minutes=14))
    make_patient(sex="F")

    assert recount_next(now=NOW)
    older.refresh_from_db()
    assert (older.members, older.base, older.counted_at) == (1, 1, NOW)

    assert recount_next(now=NOW)
    assert not recount_next(now=NOW)
    old.refresh_from_db()
    fresh.refresh_from_db()
    assert (old.counted_at, fresh.members) == (NOW, 0)


def test_a_rule_that_no_longer_reads_keeps_its_count() -> None:
    hour_ago = NOW - timedelta(hours=1)
    segment = make_segment(counted_at=hour_ago, rule=WOMEN)
    Segment.objects.update(rule={"all": [{"trait": "gone", "op": "in"}]}, members=7, base=9)

    assert recount_next(now=NOW)

    segment.refresh_from_db()
    assert (segment.members, segment.base, segment.counted_at) == (7, 9, NOW)
