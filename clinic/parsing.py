"""What programs send, as far as it can be taken in."""

from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import parsers, serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from clinic.days import is_within_reach
from outbox.errors import Refused


class BodyTooLarge(Refused):
    code = "body_too_large"
    status = 413
    message = _("The request is too large. Send less at once.")


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8, of a size and a depth that do not take the server down.

    DRF reads the stream past Django's own limit (`DATA_UPLOAD_MAX_MEMORY_SIZE`), and Python's
    reader leaves too many brackets within brackets to whoever called it.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = dict(parser_context or {}) | {"encoding": "utf-8"}
        request: Request = context["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        try:
            return super().parse(stream, media_type, context)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None


class DateTimeField(serializers.DateTimeField):
    """A moment in the life of a clinic: near the ends of the calendar no zone can be applied."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if not is_within_reach(value.date()):
            self.fail("overflow")
        return super().enforce_timezone(value)
