from datetime import datetime
from hashlib import sha256

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models import Link, LinkPurpose
from outbox.errors import Refused


class LinkInvalid(Refused):
    """Unknown, made for something else, expired or revoked: the visitor is not told which."""

    code = "link_invalid"
    status = 404
    message = _("This link no longer works. Please call the clinic.")


def hash_token(token: str) -> bytes:
    return sha256(token.encode()).digest()


def open_link(*, token: str, purpose: LinkPurpose, now: datetime) -> Link:
    """Return the live link behind the token. Changes nothing. Raises `LinkInvalid`."""
    link = (
        Link.objects.filter(
            Q(expires_at__gt=now) | Q(expires_at=None),
            token_hash=hash_token(token),
            purpose=purpose,
            revoked_at=None,
        )
        .select_related("patient")
        .first()
    )
    if link is None:
        raise LinkInvalid
    return link
