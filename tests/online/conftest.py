from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from clinic.models import Branch
from online.models import OnlineSetting
from tests.factories import Clinic, make_clinic

MORNING = datetime(2026, 12, 1, 5, tzinfo=UTC)
"""Eight in the morning of `DAY` in Moscow: the doctor's shift begins in an hour."""


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    """One branch, one doctor, one service of half an hour, booked online."""
    OnlineSetting.objects.create(pk=1, is_open=True)
    return make_clinic(branch=moscow)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller
