"""Who may open which address. The table itself is the project's: `settings.ACCESS_TABLE`.

An address that the table does not name is closed to everybody, so a page that was forgotten
fails loudly at its first request and in the tests, never by being open.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from functools import cache

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.module_loading import import_string

from clinic.models import Role, User


class Door(Enum):
    """A rule that is not a set of roles."""

    PUBLIC = "anybody, also a patient by a link"
    SIGNED_IN = "whoever has signed in, with a role or without"
    SUPERUSER = "superusers alone"


PUBLIC, SIGNED_IN, SUPERUSER = Door.PUBLIC, Door.SIGNED_IN, Door.SUPERUSER

Rule = Door | frozenset[Role]
AccessTable = Mapping[str, Rule]


@cache
def read_table() -> AccessTable:
    table: AccessTable = import_string(settings.ACCESS_TABLE)
    return table


def find_rule(view_name: str) -> Rule | None:
    """The rule for "namespace:name": its own, or that of its whole namespace ("admin:*")."""
    table = read_table()
    namespace, _, _ = view_name.partition(":")
    return table.get(view_name) or table.get(f"{namespace}:*")


def allows(rule: Rule | None, user: User | AnonymousUser) -> bool:
    """Whether `rule` lets `user` in; no rule lets nobody in, a superuser passes any rule."""
    if rule is None:
        return False
    if rule is Door.PUBLIC:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_superuser or rule is Door.SIGNED_IN:
        return True
    return rule is not Door.SUPERUSER and user.role in rule


ANY_ROLE = frozenset(Role)


def plays(user: User, roles: Collection[Role]) -> bool:
    """Whether the user has one of the roles; a superuser has them all, whatever his own."""
    return user.is_superuser or user.role in roles


def may_open(user: User | AnonymousUser, view_name: str) -> bool:
    return allows(find_rule(view_name), user)
