from datetime import datetime
from decimal import Decimal

import pytest

from clinic.models import Branch
from loyalty.models import Tier
from tests.factories import Clinic, make_clinic


@pytest.fixture
def now() -> datetime:
    return datetime.fromisoformat("2026-12-01T12:00+03:00")


@pytest.fixture
def tiers(db: None) -> list[Tier]:
    """3 % at once, 5 % from 50,000 roubles, 7 % from 150,000."""
    Tier.objects.all().delete()
    steps = [("Базовый", 0, 3), ("Серебро", 50_000, 5), ("Золото", 150_000, 7)]
    return [
        Tier.objects.create(name=name, spent_from=Decimal(spent), earn_percent=Decimal(percent))
        for name, spent, percent in steps
    ]


@pytest.fixture
def clinic(moscow: Branch, tiers: list[Tier]) -> Clinic:
    return make_clinic(branch=moscow)
