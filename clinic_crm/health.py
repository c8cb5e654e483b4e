from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from messaging.queries import get_longest_wait as get_wait_of_messages
from outbox.queries import get_longest_wait as get_wait_of_deliveries

LATE_AFTER = timedelta(minutes=3)


@require_GET
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Ready to serve: the database answers. The broker is told apart, as work only waits for it."""
    connection.ensure_connection()
    return JsonResponse({"database": "ok", "broker": _broker_state()})


@require_GET
@never_cache
def healthz_work(request: HttpRequest) -> JsonResponse:
    """503 while something due has waited for more than three minutes: for an alarm, not a restart.

    The body gives the longest waits in whole seconds, 0 when nothing is due.
    """
    now = timezone.now()
    waits = {
        "deliveries": get_wait_of_deliveries(now=now),
        "messages": get_wait_of_messages(now=now),
    }
    is_late = max(waits.values()) > LATE_AFTER
    seconds = {name: int(wait.total_seconds()) for name, wait in waits.items()}
    return JsonResponse({"late": is_late, **seconds}, status=503 if is_late else 200)


def _broker_state() -> str:
    try:
        cache.get("healthz")
    except (OSError, RedisError):
        return "unreachable"
    return "ok"
