from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Integration, Role, User
from clinic.tokens import hash_token, make_token
from outbox.errors import Refused


class NameTaken(Refused):
    code = "name_taken"
    message = _("There is an integration of this name. Renew its token or choose another name.")


@dataclass(frozen=True, kw_only=True)
class Issued:
    """`token` is shown once: nobody can read it back from the database."""

    integration: Integration
    token: str


@transaction.atomic
def issue_token(*, name: str, role: Role, now: datetime) -> Issued:
    """Make an account for another system and the token it signs in with. Raises `NameTaken`.

    The account has no password: nobody can sign in to the pages with it.
    """
    if Integration.objects.filter(name=name).exists():
        raise NameTaken
    user = User(username=f"api:{name}", role=role)
    user.set_unusable_password()
    user.save()
    token = make_token()
    integration = Integration.objects.create(
        name=name, user=user, token_hash=hash_token(token), issued_at=now
    )
    return Issued(integration=integration, token=token)


@transaction.atomic
def renew_token(*, integration_id: int, now: datetime) -> Issued:
    """Give the system another token; the one before stops at once. A revoked one works again."""
    integration = Integration.objects.select_for_update().get(pk=integration_id)
    token = make_token()
    integration.token_hash, integration.issued_at = hash_token(token), now
    integration.last_used_at = integration.revoked_at = None
    integration.save()
    return Issued(integration=integration, token=token)


@transaction.atomic
def revoke_token(*, integration_id: int, now: datetime) -> Integration:
    """Shut the system out at once. Doing it twice is harmless."""
    integration = Integration.objects.select_for_update().get(pk=integration_id)
    if integration.revoked_at is None:
        integration.revoked_at = now
        integration.save(update_fields=["revoked_at"])
    return integration
