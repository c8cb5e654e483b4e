from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from appointments.models import UPCOMING, PatientTotals
from clinic.names import fold
from clinic.rows import read_rows
from patients.models import Patient
from patients.queries import IsAnyOf, find_patients, label_of_owner

PAGE = 50
SILENT_AFTER = timedelta(days=60)
NEW_FOR = timedelta(days=30)


class Standing(StrEnum):
    """What stands between the patient and the clinic."""

    AHEAD = "ahead"
    SILENT = "silent"
    DEBT = "debt"
    NEW = "new"
    NEVER = "never"


STANDINGS = (
    (Standing.AHEAD, _("have a visit ahead")),
    (Standing.SILENT, _("silent for 60 days")),
    (Standing.DEBT, _("owe money")),
    (Standing.NEW, _("added in 30 days")),
    (Standing.NEVER, _("have never come")),
)


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """`after`/`before` are the patient that the page follows or precedes; `letter` begins it.

    `by_part_of_phone` is that of `find_patients`.
    """

    text: str = ""
    branch_id: int | None = None
    source_id: int | None = None
    status: str = ""
    standing: str = ""
    letter: str = ""
    after: int | None = None
    before: int | None = None
    by_part_of_phone: bool = True


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """`visits` were carried out; `next_at` is the nearest booked one, in the zone `next_zone`."""

    id: int
    full_name: str
    birth_on: date | None
    phone: str
    phone_owner: str
    status: str
    visits: int
    last_visit_at: datetime | None
    next_at: datetime | None
    next_zone: ZoneInfo
    debt: Decimal

    @property
    def owner_label(self) -> str:
        return label_of_owner(self.phone_owner)


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """At most `PAGE` rows by name. `after`/`before` lead to the pages around, None at an end."""

    rows: Sequence[ListRow]
    after: int | None = None
    before: int | None = None


COLUMNS = (
    "id", "last_name", "first_name", "middle_name", "birth_on", "status",
    "totals__visits", "totals__last_visit_at", "totals__debt",
)  # fmt: skip


def list_patients(*, among: QuerySet[Patient], wanted: ListFilter, now: datetime) -> ListPage:
    """Return one page of the patients by folded name; it costs the same however many there are.

    A text is searched for (`find_patients`), which gives one page; without it the list is walked
    by its key, never counted and never skipped through.
    """
    found = _narrow(among, wanted, now)
    if not wanted.text:
        return _walk(found, wanted, now)
    hits = find_patients(
        text=wanted.text,
        limit=PAGE,
        among=found,
        by_part_of_phone=wanted.by_part_of_phone,
    )
    rows = {row.id: row for row in _read(found.filter(pk__in=[hit.id for hit in hits]), now)}
    return ListPage(
        rows=[replace(rows[hit.id], phone=hit.phone, phone_owner=hit.phone_owner) for hit in hits]
    )


def _narrow(patients: QuerySet[Patient], wanted: ListFilter, now: datetime) -> QuerySet[Patient]:
    if wanted.branch_id:
        patients = patients.filter(branch=wanted.branch_id)
    if wanted.source_id:
        patients = patients.filter(source=wanted.source_id)
    if wanted.status:
        patients = patients.filter(status=wanted.status)
    if wanted.standing:
        patients = patients.filter(_stands(Standing(wanted.standing), now))
    return patients


def _stands(standing: Standing, now: datetime) -> Q | IsAnyOf:
    nothing_ahead = Q(totals__booked_until_at=None) | Q(totals__booked_until_at__lte=now)
    match standing:
        case Standing.AHEAD:
            return Q(totals__booked_until_at__gt=now)
        case Standing.SILENT:
            return Q(totals__last_visit_at__lte=now - SILENT_AFTER) & nothing_ahead
        case Standing.DEBT:
            in_debt = PatientTotals.objects.filter(debt__gt=0).values("patient_id")
            return IsAnyOf("pk", ArraySubquery(in_debt))
        case Standing.NEW:
            return Q(created_at__gt=now - NEW_FOR)
        case Standing.NEVER:
            return Q(totals=None) | Q(totals__visits=0)


def _walk(found: QuerySet[Patient], wanted: ListFilter, now: datetime) -> ListPage:
    is_back = wanted.before is not None
    mark = _find_mark(wanted.before if is_back else wanted.after)
    if mark:
        found = found.filter(_before(*mark) if is_back else _after(*mark))
    elif wanted.letter:
        found = found.filter(name_key__gte=fold(wanted.letter))
    order = ("-name_key", "-id") if is_back else ("name_key", "id")
    rows = _read(found.order_by(*order)[: PAGE + 1], now)
    has_more, rows = len(rows) > PAGE, rows[:PAGE]
    if not rows:
        return ListPage(rows=rows)
    if is_back:
        rows.reverse()
        return ListPage(rows=rows, after=rows[-1].id, before=rows[0].id if has_more else None)
    return ListPage(
        rows=rows,
        after=rows[-1].id if has_more else None,
        before=rows[0].id if mark or wanted.letter else None,
    )


def _find_mark(patient_id: int | None) -> tuple[str, int] | None:
    if patient_id is None:
        return None
    return Patient.objects.filter(pk=patient_id).values_list("name_key", "pk").first()


def _after(key: str, patient_id: int) -> Q:
    """The first condition is implied by the others; the index needs it said."""
    return Q(name_key__gte=key) & (Q(name_key__gt=key) | Q(pk__gt=patient_id))


def _before(key: str, patient_id: int) -> Q:
    return Q(name_key__lte=key) & (Q(name_key__lt=key) | Q(pk__lt=patient_id))


BESIDE = """
SELECT
    patient.id, contact.value AS phone, contact.owner AS phone_owner,
    ahead.starts_at AS next_at, ahead.time_zone AS next_zone
FROM unnest(%(ids)s) AS patient (id)
LEFT JOIN LATERAL (
    SELECT value, owner
    FROM patients_contactpoint
    WHERE patient_id = patient.id AND kind = 'PHONE'
    ORDER BY is_primary DESC, id
    LIMIT 1
) AS contact ON true
LEFT JOIN LATERAL (
    SELECT starts_at, time_zone
    FROM appointments_appointment
    JOIN clinic_branch branch ON branch.id = branch_id
    WHERE patient_id = patient.id AND status = ANY (%(upcoming)s) AND starts_at > %(now)s
    ORDER BY starts_at
    LIMIT 1
) AS ahead ON true
"""


def _read(patients: QuerySet[Patient], now: datetime) -> list[ListRow]:
    """The rows with the main phone and the nearest visit of each."""
    rows = list(patients.values(*COLUMNS))
    asked = {"ids": [row["id"] for row in rows], "upcoming": list(UPCOMING), "now": now}
    beside = {row["id"]: row for row in read_rows(BESIDE, asked)} if rows else {}
    return [_row(row | beside[row["id"]]) for row in rows]


def _row(values: dict[str, Any]) -> ListRow:
    names = (values["last_name"], values["first_name"], values["middle_name"])
    return ListRow(
        id=values["id"],
        full_name=" ".join(filter(None, names)),
        birth_on=values["birth_on"],
        phone=values["phone"] or "",
        phone_owner=values["phone_owner"] or "",
        status=values["status"],
        visits=values["totals__visits"] or 0,
        last_visit_at=values["totals__last_visit_at"],
        next_at=values["next_at"],
        next_zone=ZoneInfo(values["next_zone"] or "UTC"),
        debt=values["totals__debt"] or Decimal(0),
    )
