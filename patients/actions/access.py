from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from patients.models import AccessEntry

LISTED_AGAIN_AFTER = timedelta(minutes=15)
"""Who types a name sees the same people at every letter: that is one look, not ten."""

LIST_ONCE = """
INSERT INTO patients_accessentry (patient_id, actor_id, action, place, ip, at)
SELECT shown.id, %(actor)s, 'LISTED', %(place)s, %(ip)s, %(now)s
FROM unnest(%(patients)s::bigint[]) AS shown(id)
WHERE NOT EXISTS (
    SELECT FROM patients_accessentry noted
    WHERE noted.patient_id = shown.id AND noted.actor_id = %(actor)s AND noted.action = 'LISTED'
        AND noted.place = %(place)s AND noted.at > %(since)s
)
"""


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


def record_listing(
    *, patient_ids: Collection[int], actor_id: int, place: str, ip: str | None, now: datetime
) -> int:
    """Write to the journal whom a list or a search showed; return how many rows it took.

    The same patient shown to the same person at the same place within `LISTED_AGAIN_AFTER` is
    not written again. One statement, for it stands before every page of a list.
    """
    told: dict[str, Any] = {
        "patients": sorted(set(patient_ids)),
        "actor": actor_id,
        "place": place,
        "ip": ip,
        "now": now,
        "since": now - LISTED_AGAIN_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(LIST_ONCE, told)
        written: int = cursor.rowcount
    return written
