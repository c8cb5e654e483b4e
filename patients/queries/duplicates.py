from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from patients.likeness import are_alike, are_first_names_equal
from patients.models import ContactPoint, Patient
from patients.queries.search import COLUMNS, PatientRow, row_of, with_phone

MOST = 5
REASONS = ("contact", "birth", "name")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What may tell that two cards are of one person. `addresses` are E.164 phones and e-mails."""

    name_key: str
    birth_on: date | None
    addresses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A known patient who may be the one being added.

    `reason` is `contact` (the same phone or e-mail and a similar name), `birth` (the same birth
    date and a similar name) or `name` (the very same name, nothing contradicts).
    """

    row: PatientRow
    reason: str


def list_candidates(*, identity: Identity) -> list[Candidate]:
    """Return whom the new patient may already be, the likeliest first; one statement.

    A phone alone proves nothing: a family shares it. So the name must be similar too, and when
    both birth dates are known and differ, the first names must agree.
    """
    shares = ContactPoint.objects.filter(patient=OuterRef("pk"), value__in=identity.addresses)
    near = with_phone(Patient.objects.filter(pk__in=_list_near(identity))).annotate(
        shares=Exists(shares)
    )
    found = [
        Candidate(row=row_of(values), reason=reason)
        for values in near.order_by("name_key", "id").values(*COLUMNS, "shares")
        if (reason := compare_people(identity, values))
    ]
    return sorted(found, key=lambda candidate: REASONS.index(candidate.reason))[:MOST]


def _list_near(identity: Identity) -> QuerySet[Any, Any]:
    """Three index look-ups; who has nothing in common is never read."""
    by_name = Patient.objects.filter(name_key=identity.name_key).values("pk")
    by_birth = Patient.objects.filter(birth_on=identity.birth_on).values("pk")
    by_address = ContactPoint.objects.filter(
        value__in=identity.addresses, kind__in=ContactPoint.Kind.values
    ).values("patient_id")
    parts: list[QuerySet[Any, Any]] = [by_name]
    if identity.birth_on:
        parts.append(by_birth)
    if identity.addresses:
        parts.append(by_address)
    return parts[0].union(*parts[1:]) if len(parts) > 1 else by_name


def compare_people(identity: Identity, known: Mapping[str, Any]) -> str:
    """Return the reason to ask, "" when these are surely two people.

    `known` has `name_key`, `birth_on`, and `shares`: whether they have an address in common.
    """
    births = {identity.birth_on, known["birth_on"]} - {None}
    same_first = are_first_names_equal(identity.name_key, known["name_key"])
    if len(births) == 2 and not same_first:
        return ""
    same_birth = len(births) == 1 and identity.birth_on == known["birth_on"]
    alike = are_alike(identity.name_key, known["name_key"])
    if known["shares"] and (alike or (same_birth and same_first)):
        return "contact"
    if same_birth and alike:
        return "birth"
    return "name" if identity.name_key == known["name_key"] and len(births) < 2 else ""
