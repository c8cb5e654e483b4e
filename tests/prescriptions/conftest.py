import pytest

from clinic.models import Branch
from tests.factories import Clinic, make_clinic


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)
