"""Who works with the waiting list."""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404

from clinic.access import ANY_ROLE, plays
from clinic.models import Role, User

RECEPTION = frozenset({Role.ADMINISTRATOR, Role.MANAGER})

M = TypeVar("M", bound=Model)


def find_or_refuse(rows: QuerySet[M], *, actor: User) -> M:
    """Return the one row. Raises `Http404` for what is not there and for an account without a
    role, `PermissionDenied` for colleagues who are not of reception.
    """
    found = rows.first()
    if found is None or not plays(actor, ANY_ROLE):
        raise Http404
    if not plays(actor, RECEPTION):
        raise PermissionDenied
    return found
