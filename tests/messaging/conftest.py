from collections.abc import Iterator

import pytest

from tests.messaging.factories import KIND, always_wanted, registered


@pytest.fixture(autouse=True)
def wanted_subject() -> Iterator[None]:
    """Messages about `KIND` always make sense."""
    with registered(KIND, always_wanted):
        yield
