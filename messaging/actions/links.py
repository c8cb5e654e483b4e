import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from messaging.models import Link, LinkPurpose
from messaging.queries import hash_token

TOKEN_BYTES = 16
PATHS = {
    LinkPurpose.APPOINTMENT: "v",
    LinkPurpose.REVIEW: "r",
    LinkPurpose.UNSUBSCRIBE: "u",
    LinkPurpose.OFFER: "w",
}


@transaction.atomic
def issue_link(
    *,
    purpose: LinkPurpose,
    patient_id: int,
    subject_id: int,
    channel: str = "",
    expires_at: datetime | None,
    now: datetime,
) -> str:
    """Return a new secret address; only its hash is stored. Without a term it works for ever."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Link.objects.create(
        purpose=purpose,
        token_hash=hash_token(token),
        patient_id=patient_id,
        subject_id=subject_id,
        channel=channel,
        created_at=now,
        expires_at=expires_at,
    )
    return f"{settings.PUBLIC_URL}/{PATHS[purpose]}/{token}/"


@transaction.atomic
def revoke_links(*, purpose: LinkPurpose, subject_id: int, now: datetime) -> int:
    """Make every link to the subject useless; return how many were live."""
    return Link.objects.filter(purpose=purpose, subject_id=subject_id, revoked_at=None).update(
        revoked_at=now
    )


@transaction.atomic
def prolong_links(*, purpose: LinkPurpose, subject_id: int, until: datetime) -> int:
    """Let live links to the subject work until then, none of them shorter than before."""
    live = Link.objects.filter(purpose=purpose, subject_id=subject_id, revoked_at=None)
    return live.filter(expires_at__lt=until).update(expires_at=until)
