from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from clinic.models import Branch, User
from tests.factories import Clinic, make_clinic

NINE = datetime(2026, 12, 1, 6, tzinfo=UTC)  # nine in the morning in Moscow on `DAY`


@pytest.fixture
def morning() -> Iterator[None]:
    """The clinic has just opened."""
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)


@pytest.fixture
def desk(morning: None, client_for: Callable[[User], Client], olga: User) -> Client:
    """The browser of reception."""
    return client_for(olga)
