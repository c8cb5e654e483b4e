from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_crm.demonstration import describe_age

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("planned_until", "is_said"),
    [
        ("2026-12-05T18:00:00+00:00", False),
        ("2026-11-24T08:00:00+00:00", True),
        ("2026-10-01T18:00:00+00:00", True),
        ("", False),
    ],
)
def test_a_demo_that_runs_out_of_days_says_so(planned_until: str, is_said: bool) -> None:
    lines = describe_age({"planned_until": planned_until}, Path("var/main"), now=NOW)

    assert bool(lines) == is_said
    assert (planned_until[:10] in "\n".join(lines)) == (is_said or not planned_until)


def test_a_stamp_of_an_older_release_says_nothing() -> None:
    assert describe_age({}, Path("var/main"), now=NOW) == []
