"""What happens to a segment: made, changed, copied, archived, restored, counted."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.events import SegmentArchived, SegmentChanged, SegmentCreated, SegmentRestored
from campaigns.models import Scenario, Segment
from campaigns.queries.segments import count_segment
from campaigns.segments.patience import BEHIND_THE_SCENES, patience
from campaigns.segments.rules import RuleRefused, parse_rule
from campaigns.segments.words import OptionNames, check_choices
from outbox.actions import record_event
from outbox.errors import Refused

COUNT_LIVES_FOR = timedelta(minutes=15)
LONGEST_NAME = 100


class NameMissing(Refused):
    code = "name_missing"
    status = 400
    message = gettext_lazy("Give the segment a name of at most 100 characters.")


class NameTaken(Refused):
    code = "name_taken"
    message = gettext_lazy("There is a segment with this name already. Choose another name.")


class KeyReused(Refused):
    code = "key_reused"
    status = 422
    message = gettext_lazy("This key has already made another segment. Use a new one.")


class SegmentChangedMeanwhile(Refused):
    code = "segment_changed"
    message = gettext_lazy(
        "A colleague has changed this segment since you opened it. Open it anew in another tab "
        "and compare."
    )


class SegmentIsArchived(Refused):
    code = "segment_archived"
    message = gettext_lazy("This segment is in the archive. Restore it first.")


class SegmentInUse(Refused):
    code = "segment_in_use"
    message = gettext_lazy("A running scenario needs this segment. Stop the scenario first.")


@dataclass(frozen=True, kw_only=True)
class SegmentDraft:
    """What the author decides: the name and the rule (docs/segments.md has its form)."""

    name: str
    rule: Mapping[str, Any]


@transaction.atomic
def create_segment(
    *, draft: SegmentDraft, key: str, actor_id: int | None, now: datetime
) -> Segment:
    """Make a segment and count it. The same `key` with the same draft makes it once.

    Raises `NameMissing`, `NameTaken`, `RuleInvalid`, `CountTooSlow`, `KeyReused`.
    """
    known = _find_made(key, draft)
    if known is not None:
        return known
    checked = check_draft(draft)
    with patience():
        size = count_segment(rule=checked.rule, now=now)
    segment = Segment(
        name=checked.name,
        rule=dict(checked.rule),
        author_id=actor_id,
        members=size.members,
        base=size.base,
        counted_at=now,
        key=key,
        created_at=now,
        updated_at=now,
    )
    try:
        _save(segment)
    except NameTaken:
        known = _find_made(key, draft)
        if known is None:
            raise
        return known
    event = SegmentCreated(patient_id=None, segment_id=segment.pk)
    record_event(event, actor_id=actor_id, now=now)
    return segment


@transaction.atomic
def change_segment(
    *,
    segment_id: int,
    draft: SegmentDraft,
    seen_at: datetime,
    actor_id: int | None,
    now: datetime,
) -> Segment:
    """Give the segment a new name or rule. `seen_at` is the `updated_at` that the author saw.

    Raises `NameMissing`, `NameTaken`, `RuleInvalid`, `CountTooSlow`, `SegmentIsArchived`,
    `SegmentChangedMeanwhile`.
    """
    segment = _lock(segment_id)
    if segment.archived_at is not None:
        raise SegmentIsArchived
    if segment.updated_at != seen_at:
        raise SegmentChangedMeanwhile
    checked = check_draft(draft, segment_id=segment_id)
    with patience():
        size = count_segment(rule=checked.rule, now=now)
    segment.name, segment.rule, segment.updated_at = checked.name, dict(checked.rule), now
    segment.members, segment.base, segment.counted_at = size.members, size.base, now
    _save(segment)
    event = SegmentChanged(patient_id=None, segment_id=segment.pk)
    record_event(event, actor_id=actor_id, now=now)
    return segment


@transaction.atomic
def copy_segment(*, segment_id: int, key: str, actor_id: int | None, now: datetime) -> Segment:
    """Make a segment with the same rule and the next free name: "Sleepers, copy 2"."""
    original = Segment.objects.get(pk=segment_id)
    known = Segment.objects.filter(key=key).first()
    if known is not None:
        return known
    draft = SegmentDraft(name=_free_name(original.name), rule=original.rule)
    return create_segment(draft=draft, key=key, actor_id=actor_id, now=now)


@transaction.atomic
def archive_segment(*, segment_id: int, actor_id: int | None, now: datetime) -> Segment:
    """Put the segment away. Raises `SegmentInUse` while a running scenario needs it."""
    segment = _lock(segment_id)
    if Scenario.objects.filter(segment=segment, is_active=True).exists():
        raise SegmentInUse
    if segment.archived_at is None:
        segment.archived_at = now
        segment.save(update_fields=["archived_at"])
        event = SegmentArchived(patient_id=None, segment_id=segment.pk)
        record_event(event, actor_id=actor_id, now=now)
    return segment


@transaction.atomic
def restore_segment(*, segment_id: int, actor_id: int | None, now: datetime) -> Segment:
    """Take the segment out of the archive."""
    segment = _lock(segment_id)
    if segment.archived_at is not None:
        segment.archived_at = None
        segment.save(update_fields=["archived_at"])
        event = SegmentRestored(patient_id=None, segment_id=segment.pk)
        record_event(event, actor_id=actor_id, now=now)
    return segment


@transaction.atomic
def recount_next(*, now: datetime) -> bool:
    """Count the segment that was counted longest ago; False when all counts are fresh.

    A rule that no longer reads (a trait was taken away by an update), or that takes minutes, keeps
    its last count.
    """
    segment = (
        Segment.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(archived_at__isnull=True, counted_at__lte=now - COUNT_LIVES_FOR)
        .order_by("counted_at")
        .first()
    )
    if segment is None:
        return False
    segment.counted_at = now
    with suppress(RuleRefused), patience(BEHIND_THE_SCENES):
        size = count_segment(rule=segment.rule, now=now)
        segment.members, segment.base = size.members, size.base
    segment.save(update_fields=["members", "base", "counted_at"])
    return True


def _find_made(key: str, draft: SegmentDraft) -> Segment | None:
    """The segment that the key made before. Raises `KeyReused` when it was another one."""
    known = Segment.objects.filter(key=key).first()
    if known is not None and (known.name, known.rule) != (_tidy(draft.name), draft.rule):
        raise KeyReused
    return known


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _lock(segment_id: int) -> Segment:
    return Segment.objects.select_for_update(of=("self",), no_key=True).get(pk=segment_id)


def check_draft(draft: SegmentDraft, *, segment_id: int | None = None) -> SegmentDraft:
    """Return the draft with its name tidied, fit to be saved.

    Raises `NameMissing`, `NameTaken` (by another than `segment_id`), `RuleInvalid`.
    """
    name = _tidy(draft.name)
    if not name or len(name) > LONGEST_NAME:
        raise NameMissing
    others = Segment.objects.filter(name__iexact=name).exclude(pk=segment_id or 0)
    if others.exists():
        raise NameTaken
    check_choices(parse_rule(draft.rule), names=OptionNames())
    return SegmentDraft(name=name, rule=draft.rule)


def _save(segment: Segment) -> None:
    """Save under a savepoint: the unique name answers a race as a refusal."""
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError:
        raise NameTaken from None


def _free_name(name: str) -> str:
    taken = {known.casefold() for known in Segment.objects.values_list("name", flat=True)}
    number = 1
    while True:
        ending = _(", copy") if number == 1 else _(", copy %(number)s") % {"number": number}
        copied = f"{name[: LONGEST_NAME - len(ending)]}{ending}"
        if copied.casefold() not in taken:
            return copied
        number += 1
