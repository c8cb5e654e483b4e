"""What is written to the log: never the data of a patient, nor the secret of a patient's link."""

import logging
import traceback
from types import TracebackType
from typing import Any, TypeAlias

from django.http import HttpRequest

Raised: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class NameTheAddress(logging.Filter):
    """Puts the name of an address where Django writes the path, which may hold a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            name, path = _name(request), request.path
            written = {path, path.encode("unicode_escape").decode()}  # Django writes the second
            record.args = tuple(name if arg in written else arg for arg in record.args)
        return True


def _name(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match is not None else "(unknown address)"


class QuietFormatter(logging.Formatter):
    """Says of an exception where it came from and its class, not its text.

    The text of a database error quotes the row that it is about: a name, a phone.
    """

    def formatException(self, ei: Raised) -> str:  # noqa: N802 — the name is the library's
        error = ei[1]
        parts: list[str] = []
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
            parts.append(f"{frames}\n{_class_of(error)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\ncaused by:\n".join(parts)


class NameTheError(logging.Filter):
    """The same for Celery, which puts text and traceback of a failed task into the message."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict) and "exc" in record.args:
            known: dict[str, Any] = record.args
            error = record.exc_info[1] if record.exc_info else None
            told = _class_of(error) if error else "an error"
            record.args = known | {"exc": told, "traceback": ""}
        return True


def _class_of(error: BaseException) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}"
