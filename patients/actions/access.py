from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from patients.models import AccessEntry


@transaction.atomic
def record_access(
    *, patient_id: int, actor_id: int, action: str, place: str, ip: str | None, now: datetime
) -> AccessEntry:
    """Write to the journal who saw whose data. The edge calls it before it shows anything.

    `place` is the address's name (`desk:card`). In the transaction of the reading: no row, no
    data.
    """
    return AccessEntry.objects.create(
        patient_id=patient_id, actor_id=actor_id, action=action, place=place, ip=ip, at=now
    )


@transaction.atomic
def record_accesses(
    *,
    patient_ids: Collection[int],
    actor_id: int,
    action: str,
    place: str,
    ip: str | None,
    now: datetime,
) -> None:
    """The same for a list that is taken away whole: an export, a page of the API."""
    AccessEntry.objects.bulk_create(
        AccessEntry(
            patient_id=patient_id, actor_id=actor_id, action=action, place=place, ip=ip, at=now
        )
        for patient_id in patient_ids
    )
