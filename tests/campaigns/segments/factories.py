from datetime import UTC, datetime
from itertools import count
from typing import Any

from campaigns.actions.segments import SegmentDraft, create_segment
from campaigns.models import Scenario, Segment, Trigger

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
WOMEN = {"all": [{"trait": "sex", "op": "in", "value": ["F"]}]}

_numbers = count(1)


def make_segment(**fields: Any) -> Segment:
    number = next(_numbers)
    draft = SegmentDraft(
        name=fields.pop("name", f"Сегмент {number}"), rule=fields.pop("rule", WOMEN)
    )
    segment = create_segment(
        draft=draft, key=f"test-{number}", actor_id=fields.pop("actor_id", None), now=NOW
    )
    Segment.objects.filter(pk=segment.pk).update(**fields)
    segment.refresh_from_db()
    return segment


def make_running_scenario(segment: Segment) -> Scenario:
    return Scenario.objects.create(
        code=f"test-{next(_numbers)}",
        name="Возврат",
        trigger=Trigger.SILENCE,
        purpose="MARKETING",
        segment=segment,
        is_active=True,
        watermark_at=NOW,
    )
