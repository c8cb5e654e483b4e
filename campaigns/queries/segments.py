"""Segments, how many they pick, whom, and why."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet, Value
from django.http import Http404

from campaigns.models import Scenario, Segment
from campaigns.segments.compiler import compile_node, compile_rule
from campaigns.segments.moment import Moment
from campaigns.segments.rules import list_conditions, parse_rule
from campaigns.segments.words import Line, OptionNames, explain_rule
from clinic.models import Role, User
from patients.models import ContactKind, ContactPoint, Patient
from patients.phones import mask_email, mask_phone
from patients.queries.access import sees_contacts

READERS = frozenset({Role.MARKETER, Role.MANAGER})
Rule = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Size:
    """`members` patients out of `base`, which is all there are."""

    members: int
    base: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.members / self.base if self.base else 0


@dataclass(frozen=True, kw_only=True)
class Member:
    """A patient of a segment as its reader may see him: contacts masked for a marketer."""

    id: int
    full_name: str
    birth_on: date | None
    phone: str
    email: str
    branch: str
    visits: int
    spent: Decimal
    last_visit_at: datetime | None


def access_segment(*, actor: User, segment_id: int) -> Segment:
    """Find the segment and authorise the user to read and change it.

    Raises `Http404` for someone without a role and when there is none, `PermissionDenied` for a
    colleague whose work it is not.
    """
    if not actor.role and not actor.is_superuser:
        raise Http404
    if actor.role not in READERS and not actor.is_superuser:
        raise PermissionDenied
    segment = Segment.objects.filter(pk=segment_id).select_related("author").first()
    if segment is None:
        raise Http404
    return segment


def list_segments(*, text: str = "", archived: bool = False) -> QuerySet[Segment]:
    """Segments by name; `is_used` tells those that a running scenario is narrowed by."""
    using = Scenario.objects.filter(segment=OuterRef("pk"), is_active=True)
    return (
        Segment.objects.filter(archived_at__isnull=not archived, name__icontains=text)
        .select_related("author__employee")
        .annotate(is_used=Exists(using))
        .order_by("name")
    )


def list_scenarios_of(*, segment_id: int) -> list[str]:
    """The names of the running scenarios that are narrowed by the segment."""
    using = Scenario.objects.filter(segment=segment_id, is_active=True)
    return list(using.order_by("name").values_list("name", flat=True))


def last_size(segment: Segment) -> Size:
    """The size as of `counted_at`."""
    return Size(members=segment.members, base=segment.base)


def count_segment(*, rule: Rule, now: datetime) -> Size:
    """How many patients the rule picks as of `now`. Raises `RuleInvalid`."""
    return Size(members=compile_rule(rule, now=now).count(), base=Patient.objects.count())


def count_conditions(*, rule: Rule, now: datetime) -> dict[str, int]:
    """How many patients each condition picks by itself, by its path, in one statement.

    It shows which condition makes a segment small. Raises `RuleInvalid`.
    """
    conditions, moment = list(list_conditions(parse_rule(rule))), Moment(now)
    counts = [
        Patient.objects.filter(compile_node(asked, moment))
        .order_by()
        .values(place=Value(place))
        .annotate(members=Count("pk"))
        for place, asked in enumerate(conditions)
    ]
    if not counts:
        return {}
    found = dict.fromkeys((asked.path for asked in conditions), 0)
    for row in counts[0].union(*counts[1:], all=True):
        found[conditions[row["place"]].path] = row["members"]
    return found


def list_members(*, rule: Rule, now: datetime) -> QuerySet[Patient]:
    """Whom the rule picks, by name, each with his branch and totals. Raises `RuleInvalid`."""
    picked = compile_rule(rule, now=now)
    return picked.select_related("branch", "totals").order_by("name_key", "id")


def pick_among(*, rule: Rule, patient_ids: Collection[int], now: datetime) -> set[int]:
    """Return those of the patients whom the rule picks. Raises `RuleInvalid`."""
    if not patient_ids:
        return set()
    picked = compile_rule(rule, now=now).filter(pk__in=patient_ids)
    return set(picked.values_list("pk", flat=True))


def read_members(patients: Iterable[Patient], *, actor: User) -> list[Member]:
    """A page of `list_members` as `actor` may see it, in two statements."""
    rows = list(patients)
    contacts = _main_contacts([row.pk for row in rows])
    is_open = sees_contacts(actor)
    return [_member(row, contacts.get(row.pk, {}), is_open=is_open) for row in rows]


def _main_contacts(patient_ids: list[int]) -> dict[int, dict[str, str]]:
    """The working phone and e-mail of each patient, the main one before others."""
    points = ContactPoint.objects.filter(patient__in=patient_ids, is_valid=True)
    found: dict[int, dict[str, str]] = {}
    for point in points.order_by("-is_primary", "id"):
        found.setdefault(point.patient_id, {}).setdefault(point.kind, point.value)
    return found


def _member(patient: Patient, contacts: dict[str, str], *, is_open: bool) -> Member:
    phone, email = contacts.get(ContactKind.PHONE, ""), contacts.get(ContactKind.EMAIL, "")
    totals = getattr(patient, "totals", None)
    return Member(
        id=patient.pk,
        full_name=patient.full_name,
        birth_on=patient.birth_on,
        phone=phone if is_open or not phone else mask_phone(phone),
        email=email if is_open or not email else mask_email(email),
        branch=patient.branch.name if patient.branch else "",
        visits=totals.visits if totals else 0,
        spent=totals.spent if totals else Decimal(0),
        last_visit_at=totals.last_visit_at if totals else None,
    )


def explain_member(*, rule: Rule, patient_id: int, now: datetime) -> Line:
    """Why the patient is in the segment or not: each condition, and the fact that decided.

    Raises `RuleInvalid`, `Patient.DoesNotExist`.
    """
    return explain_rule(rule, patient_id=patient_id, names=OptionNames(), now=now)
