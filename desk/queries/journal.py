from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clinic.models import Employee
from patients.models import AccessEntry
from patients.queries import find_patients

PAGE = 50
MOST_FOUND = 50

PLACES = {
    "desk:card": _("Card"),
    "desk:timeline": _("History of the card"),
    "patients:edit": _("Form of the card"),
    "desk:booking": _("Booking"),
    "desk:booking_patient": _("Booking"),
    "desk:appointment": _("Appointment"),
    "desk:check_out": _("Check-out"),
    "desk:receipt": _("Receipt"),
    "desk:patients": _("List of patients"),
    "desk:search": _("Search"),
    "desk:booking_patients": _("Search while booking"),
    "patients:pick": _("Search for a relative"),
    "intake:request_new": _("Owners of a number"),
    "intake:request_match": _("Owners of a number"),
    "intake:import_refused": _("Import"),
    "loyalty:account": _("Points"),
    "reports:funnel_rows": _("Funnel"),
    "campaigns:segment": _("Segments"),
    "campaigns:segment_preview": _("Segments"),
    "campaigns:segment_check": _("Segments"),
    "campaigns:segment_why": _("Segments"),
    "campaigns:draft_why": _("Segments"),
    "campaigns:scenario_why": _("Scenarios"),
    "campaigns:scenario_runs": _("Scenarios"),
    "campaigns_api:segment-members": _("API, list"),
    "campaigns_api:segment-why": _("API, card"),
    "loyalty_api:points": _("API, card"),
    "loyalty_api:points-entries": _("API, card"),
    "patients_api:patients": _("API, list"),
    "patients_api:patient": _("API, card"),
}
"""What the addresses that open cards are called."""


@dataclass(frozen=True, kw_only=True)
class JournalFilter:
    """`since` and `until` are days, both included; `before` is the entry that a page follows."""

    patient_id: int | None = None
    text: str = ""
    actor_id: int | None = None
    action: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class JournalRow:
    at: datetime
    actor: str
    role: str
    patient_id: int
    patient: str
    action: str
    place: str
    ip: str


@dataclass(frozen=True, kw_only=True)
class JournalPage:
    """At most `PAGE` rows, newest first. `before` leads to the older ones, None at the end."""

    rows: Sequence[JournalRow]
    before: int | None


def list_entries(*, wanted: JournalFilter, zone: ZoneInfo) -> JournalPage:
    """Return who opened or took away whose data; days are those of `zone`."""
    entries = _narrow(AccessEntry.objects.all(), wanted, zone)
    mark = AccessEntry.objects.filter(pk=wanted.before).first() if wanted.before else None
    if mark:
        entries = entries.filter(Q(at__lte=mark.at) & (Q(at__lt=mark.at) | Q(pk__lt=mark.pk)))
    found = list(entries.select_related("patient", "actor").order_by("-at", "-id")[: PAGE + 1])
    has_more, found = len(found) > PAGE, found[:PAGE]
    names = _name_actors({entry.actor_id for entry in found})
    return JournalPage(
        rows=[
            JournalRow(
                at=entry.at,
                actor=names.get(entry.actor_id, entry.actor.username),
                role=entry.actor.get_role_display(),
                patient_id=entry.patient_id,
                patient=entry.patient.full_name,
                action=entry.get_action_display(),
                place=str(PLACES.get(entry.place, entry.place)),
                ip=entry.ip or "",
            )
            for entry in found
        ],
        before=found[-1].pk if has_more else None,
    )


def _narrow(
    entries: QuerySet[AccessEntry], wanted: JournalFilter, zone: ZoneInfo
) -> QuerySet[AccessEntry]:
    if wanted.patient_id:
        entries = entries.filter(patient=wanted.patient_id)
    if wanted.text:
        found = find_patients(text=wanted.text, limit=MOST_FOUND)
        entries = entries.filter(patient__in=[row.id for row in found])
    if wanted.actor_id:
        entries = entries.filter(actor=wanted.actor_id)
    if wanted.action:
        entries = entries.filter(action=wanted.action)
    if wanted.since:
        entries = entries.filter(at__gte=_midnight(wanted.since, zone))
    if wanted.until:
        entries = entries.filter(at__lt=_midnight(wanted.until + timedelta(days=1), zone))
    return entries


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), tzinfo=zone)


def _name_actors(users: set[int]) -> dict[int, str]:
    employees = Employee.objects.filter(user__in=users) if users else Employee.objects.none()
    return {one.user_id: one.short_name for one in employees if one.user_id}
