from datetime import datetime

import pytest

from clinic.models import Branch
from packages.models import Package, PackageType
from tests.factories import Clinic, make_clinic
from tests.packages.factories import make_type, sell


@pytest.fixture
def now() -> datetime:
    return datetime.fromisoformat("2026-12-01T18:00+03:00")


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)


@pytest.fixture
def kind(clinic: Clinic) -> PackageType:
    return make_type(clinic.service)


@pytest.fixture
def package(clinic: Clinic, kind: PackageType, now: datetime) -> Package:
    """Three sessions for 6000 roubles, until the end of 31 December."""
    return sell(kind, clinic, now)
