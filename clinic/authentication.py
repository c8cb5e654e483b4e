from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from django.contrib.auth.backends import ModelBackend
from django.db import connection
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions

from clinic.models import Branch, Employee, Integration, User
from clinic.tokens import hash_token

M = TypeVar("M", bound=Model)

NOTED_EVERY = timedelta(minutes=1)
"""How exactly `Integration.last_used_at` is kept: a busy system must not write at every call."""


class StaffBackend(ModelBackend):
    """Signs in by login and password; the frame of every page names the employee."""

    def get_user(self, user_id: int) -> User | None:
        user = find_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


def find_user(user_id: int) -> User | None:
    """The user with the employee and the branch last looked at, as the frame of a page needs them.

    Every page asks this, and building the statement would cost ten times what running it does.
    """
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [user_id])
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    user = _read(User, values)
    branch, employee = _read(Branch, values), _read(Employee, values)
    if branch.pk is not None:
        user.last_branch = branch
    if employee.pk is not None:
        user.employee = employee
    return user


@cache
def _statement() -> str:
    """Django's own: the columns of the user, of the branch, of the employee."""
    users = User.objects.select_related("last_branch", "employee").filter(pk=0)
    statement: str = users.query.sql_with_params()[0]
    return statement


def _read(model: type[M], values: Iterator[Any]) -> M:
    """Take the next columns as a row of the model."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, list(islice(values, len(names))))


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token crm_…`, as `clinic.actions.issue_token` made it."""

    def authenticate_credentials(self, key: str) -> tuple[User, Integration]:
        """Return whose token it is. Raises `AuthenticationFailed`, the same for every reason."""
        now = timezone.now()
        integration = (
            Integration.objects.filter(token_hash=hash_token(key), revoked_at=None)
            .filter(user__is_active=True)
            .select_related("user")
            .first()
        )
        if integration is None:
            raise exceptions.AuthenticationFailed(_("The token is not valid."))
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
        Integration.objects.filter(stale, pk=integration.pk).update(last_used_at=now)
        return integration.user, integration
