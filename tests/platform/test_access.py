"""Every address of the product against everybody: the access table is complete, tight and true."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from clinic.access import allows, find_rule
from clinic.models import User
from clinic_crm.access import ACCESS

# One rule covers the whole of Django's own administration, but for pages with a row of their own.
WHOLE = "admin:*"
SAMPLES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": 999_999,
    "app_label": "campaigns",
}


@dataclass(frozen=True)
class Address:
    name: str
    arguments: tuple[tuple[str, Any], ...]

    @property
    def path(self) -> str:
        return reverse(self.name, kwargs=dict(self.arguments))


def walk(patterns: list[Any], spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from walk(pattern.url_patterns, inner)
        else:
            yield ":".join((*spaces, pattern.name or "")), pattern


def sample_arguments(pattern: URLPattern) -> tuple[tuple[str, Any], ...]:
    """Arguments that lead to no row at all."""
    if isinstance(pattern.pattern, RoutePattern):
        kinds = {name: type(kind).__name__ for name, kind in pattern.pattern.converters.items()}
        return tuple(
            (name, SAMPLES.get(kind.removesuffix("Converter").lower(), "none"))
            for name, kind in kinds.items()
        )
    names = pattern.pattern.regex.groupindex
    return tuple((name, SAMPLES.get(name, SAMPLES["int"])) for name in names)


def list_addresses() -> list[Address]:
    """All but the administration, of which the first page and what has a row of its own."""
    return [
        Address(name, sample_arguments(pattern))
        for name, pattern in dict(walk(get_resolver().url_patterns)).items()
        if name in ACCESS or name == "admin:index" or not name.startswith("admin:")
    ]


ADDRESSES = list_addresses()


def test_every_address_is_in_the_table() -> None:
    nameless = [str(url.pattern) for name, url in walk(get_resolver().url_patterns) if not name]
    forgotten = [address.name for address in ADDRESSES if find_rule(address.name) is None]

    assert nameless == []
    assert forgotten == []


def test_every_row_of_the_table_is_an_address() -> None:
    names = {address.name for address in ADDRESSES} | {WHOLE}

    assert sorted(set(ACCESS) - names) == []


@pytest.fixture
def everybody(  # the cast
    olga: User, dmitry: User, marina: User, viktor: User, stranger: User, root: User
) -> list[User | AnonymousUser]:
    return [olga, dmitry, marina, viktor, stranger, root, AnonymousUser()]


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", "", "root")


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_an_address_lets_in_whom_the_table_names(
    address: Address,
    everybody: list[User | AnonymousUser],
    client: Client,
) -> None:
    rule = find_rule(address.name)

    for person in everybody:
        client.logout()
        if isinstance(person, User):
            client.force_login(person)
        response = client.get(address.path)

        assert response.status_code < 500
        assert was_let_in(response) == allows(rule, person), f"{person} got {response.status_code}"


def was_let_in(response: HttpResponseBase) -> bool:
    """Not let in: told that it is forbidden, or sent to sign in."""
    to_the_door = response.status_code == 302 and response["Location"].startswith(
        reverse("clinic:sign_in") + "?"
    )
    return response.status_code not in {401, 403} and not to_the_door


def test_administration_is_for_superusers_alone(
    everybody: list[User | AnonymousUser],
) -> None:
    inside = [person for person in everybody if allows(find_rule("admin:clinic_user_add"), person)]

    assert [person.username for person in inside] == ["root"]
