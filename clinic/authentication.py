from datetime import timedelta

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions

from clinic.models import Integration, User
from clinic.tokens import hash_token

NOTED_EVERY = timedelta(minutes=1)
"""How exactly `Integration.last_used_at` is kept: a busy system must not write at every call."""


class StaffBackend(ModelBackend):
    """Signs in by login and password; the frame of every page names the employee."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("employee", "last_branch").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


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
