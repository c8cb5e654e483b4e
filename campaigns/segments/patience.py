"""How long a person, or a worker, waits for a segment to be counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import QueryCanceled

from campaigns.segments.rules import Fault, RuleRefused

LIVE = timedelta(seconds=10)
"""While somebody looks at the page."""

BEHIND_THE_SCENES = timedelta(minutes=2)


class CountTooSlow(RuleRefused):
    """The database was stopped: the rule is too heavy for it, or it is busy."""

    code = "count_too_slow"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            [
                Fault(
                    "",
                    _(
                        "Counting takes too long and was stopped. Ask for less at once, or try "
                        "again when the server is less busy."
                    ),
                )
            ]
        )


@contextmanager
def patience(limit: timedelta = LIVE) -> Iterator[None]:
    """Stop each statement inside after `limit`. Raises `CountTooSlow`; what was before stands."""
    try:
        with transaction.atomic():
            before = _set_timeout(f"{limit // timedelta(milliseconds=1)}ms")
            yield
            _set_timeout(before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise CountTooSlow from error
        raise


def _set_timeout(value: str) -> str:
    """Set it to the end of the transaction; return what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'),"
            " set_config('statement_timeout', %s, true)",
            [value],
        )
        before: str = cursor.fetchone()[0]
    return before
