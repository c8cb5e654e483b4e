from datetime import datetime

import pytest

from appointments.models import Appointment
from clinic.models import Branch
from tests.factories import Clinic, make_appointment, make_clinic

NOON = datetime.fromisoformat("2026-12-01T12:00+03:00")


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)


@pytest.fixture
def booked(clinic: Clinic) -> Appointment:
    return make_appointment(clinic, "09:00")
