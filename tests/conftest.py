from collections.abc import Iterator

import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker

from clinic_crm import embedded
from tests import databases


def pytest_configure(config: pytest.Config) -> None:
    embedded.join()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Replaces pytest-django's own, which would migrate from nothing in every run."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with django_db_blocker.unblock():
        databases.create_fresh_database(worker)
    yield
    with django_db_blocker.unblock():
        databases.drop_fresh_database()
