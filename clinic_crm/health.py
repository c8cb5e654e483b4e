from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError


@require_GET
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Ready to serve: the database answers. The broker is told apart, as work only waits for it."""
    connection.ensure_connection()
    return JsonResponse({"database": "ok", "broker": _broker_state()})


def _broker_state() -> str:
    try:
        cache.get("healthz")
    except (OSError, RedisError):
        return "unreachable"
    return "ok"
