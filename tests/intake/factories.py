from datetime import UTC, datetime
from itertools import count
from typing import Any

from intake.actions import RequestOrder, receive_request
from intake.models import Request

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # noon in Moscow, the day before `DAY`

_numbers = count(1)


def make_order(**fields: Any) -> RequestOrder:
    """A form from the site; another number for everybody."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "key": f"request-{number}",
        "kind": "FORM",
        "name": "Анна",
        "phone": f"8 916 200-{number // 100:02}-{number % 100:02}",
    }
    return RequestOrder(**defaults | fields)


def make_request(*, at: datetime = NOW, actor_id: int | None = None, **fields: Any) -> Request:
    return receive_request(order=make_order(**fields), actor_id=actor_id, now=at)
