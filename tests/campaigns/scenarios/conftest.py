from datetime import UTC, datetime

import pytest

from campaigns.models import Scenario
from tests.factories import Clinic, make_clinic

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()


def _running(code: str) -> Scenario:
    scenario = Scenario.objects.get(code=code)
    scenario.is_active, scenario.watermark_at = True, LONG_AGO
    scenario.save()
    return scenario


@pytest.fixture
def reminder(db: None) -> Scenario:
    return _running("appointment-reminder")


@pytest.fixture
def review(db: None) -> Scenario:
    return _running("review-request")


@pytest.fixture
def reactivation(db: None) -> Scenario:
    return _running("reactivation")
