from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.campaigns.segments.base import Base


@pytest.fixture(scope="module")
def base(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Base]:
    """The generated base, made once for all the tests of a module, which only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = Base().fill()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield made
        transaction.set_rollback(True)
