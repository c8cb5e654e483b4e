from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client, TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from clinic.models import Branch, Role, User
from clinic_crm import embedded
from tests import databases
from tests.chromium import browser as browser
from tests.factories import make_branch, make_employee, make_user


def pytest_configure(config: pytest.Config) -> None:
    embedded.join()
    # A clone instead of a flush, which would also take the rows that migrations wrote.
    TransactionTestCase._fixture_teardown = _renew_database  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _renew_database(test: TransactionTestCase) -> None:
    databases.renew_database()


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


# The cast: one person for each role, all at the Moscow branch, and one without any.


@pytest.fixture
def moscow(db: None) -> Branch:
    return make_branch(name="Москва", city="Москва", time_zone="Europe/Moscow")


@pytest.fixture
def olga(moscow: Branch) -> User:
    user = make_user("olga", Role.ADMINISTRATOR)
    make_employee(
        user, last_name="Орлова", first_name="Ольга", position="администратор", branches=[moscow]
    )
    return user


@pytest.fixture
def dmitry(moscow: Branch) -> User:
    user = make_user("dmitry", Role.DOCTOR)
    make_employee(
        user, last_name="Дмитриев", first_name="Дмитрий", position="невролог", branches=[moscow]
    )
    return user


@pytest.fixture
def marina(moscow: Branch) -> User:
    user = make_user("marina", Role.MARKETER)
    make_employee(
        user, last_name="Маринина", first_name="Марина", position="маркетолог", branches=[moscow]
    )
    return user


@pytest.fixture
def viktor(moscow: Branch) -> User:
    user = make_user("viktor", Role.MANAGER)
    make_employee(
        user, last_name="Викторов", first_name="Виктор", position="управляющий", branches=[moscow]
    )
    return user


@pytest.fixture
def stranger(db: None) -> User:
    return make_user("stranger")


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A browser in which the given person has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
