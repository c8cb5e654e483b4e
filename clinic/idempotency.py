"""The header by which a program says "this is the same request again"."""

import re

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from outbox.errors import Refused

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{8,64}")

IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    location=OpenApiParameter.HEADER,
    required=True,
    description="8 to 64 characters, best a UUID. The same key makes the same thing only once.",
)
"""For `extend_schema(parameters=[…])`."""


class IdempotencyKeyMissing(Refused):
    code = "idempotency_key_missing"
    status = 400
    message = _("Send the header Idempotency-Key: 8 to 64 characters, best a UUID.")


def read_key(request: Request) -> str:
    """Return the key for the action: the caller's own, so that two programs never meet.

    At most 100 characters. Raises `IdempotencyKeyMissing`.
    """
    key = request.headers.get(HEADER, "").strip()
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyMissing
    return f"api:{request.user.pk}:{key}"
