import pytest

from messaging.guard import CHECKS, still_wanted
from tests.messaging.factories import KIND, always_wanted


def test_one_check_per_kind_of_subject() -> None:
    def another(*, subject_id: int, mark: str, now: object) -> str:
        return "moved"

    with pytest.raises(ValueError, match="already has a check"):
        still_wanted(KIND)(another)

    assert CHECKS[KIND] is always_wanted
