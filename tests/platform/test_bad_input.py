"""Whatever is sent to whatever address, nobody ever gets an error 500.

Each test sends one hostile value, in every field that any page or endpoint knows, to all of them,
as a superuser, over rows that exist.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from campaigns.models import Scenario
from clinic.models import User
from messaging.actions import issue_link
from messaging.models import LinkPurpose, Template
from tests.campaigns.segments.factories import make_segment
from tests.factories import at, make_appointment, make_clinic
from tests.platform.test_access import ADDRESSES, Address
from tests.prescriptions.factories import make_line

LEAVING = {"clinic:sign_out", "admin:logout"}  # the rest of the walk would meet a closed door

FIELDS = (
    *("q", "text", "find", "not", "page", "on", "all", "view", "show", "sort", "o", "e", "p"),
    *("from_on", "clock", "first", "last", "starts", "ends", "since", "until", "from", "month"),
    *("patient", "appointment", "employee", "doctor", "specialist", "service", "branch", "room"),
    *("source", "request", "relative", "kind", "state", "status", "reason", "period", "days"),
    *("before", "after", "letter", "standing", "group", "whose", "step", "outcome", "lane"),
    *("number", "decision", "slot", "skip", "changed", "agreed", "not_same_as", "take", "limit"),
    *("key", "version", "seen", "seen_at", "updated_at", "starts_at", "answer", "wish", "score"),
    *("amount", "points", "card", "cash", "note", "comment", "result", "resolution", "later"),
    *("name", "last_name", "first_name", "birth_on", "phone", "new-name", "new-phone", "new-born"),
    *("rule", "archived", "cursor", "next", "language", "username", "password", "body", "subject"),
    *("source_id", "branch_id", "lines", "contacts", "utm", "sessions", "basis", "sample"),
    *("lines-TOTAL_FORMS", "lines-INITIAL_FORMS", "lines-0-price", "lines-0-service"),
    *("line-TOTAL_FORMS", "line-INITIAL_FORMS", "line-0-sessions", "steps-TOTAL_FORMS"),
    *("contacts-TOTAL_FORMS", "contacts-INITIAL_FORMS", "contacts-0-value", "pause_days"),
    *("cycle_days", "anchor_on", "fill_until", "for_all", "way-1", "place", "year", "to_first"),
    *("starts-0", "ends-0", "to_employee", "times"),
    *("spent_from", "earn_percent", "points_live_days", "weeks", "weekdays", "is_primary"),
)

HOSTILE = ("\0", "1" * 30, "0001-01-01", "9999-12-31T23:59:59+00:00", "²")

BODIES = (
    b"null",
    b'["text"]',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"rule": ' + b'{"not": ' * 3000 + b"{}" + b"}" * 3001,
    b'{"name": "\\ud800", "rule": {"trait": "\\u0000", "op": "is"}, "note": "\\u0000"}',
    b'{"starts_at": "9999-12-31T23:59:59Z", "points": 1e308, "updated_at": "0001-01-01T00:00:00Z"}',
)

AS_JSON: dict[str, Any] = {
    "content_type": "application/json",
    "headers": {"Idempotency-Key": "one-and-the-same"},
}


@pytest.fixture
def root(db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root", "", "root"))
    return client


@pytest.fixture
def rows(db: None) -> dict[str, Any]:
    """A row for each kind of id that addresses name; by the argument, or by the address."""
    clinic = make_clinic()
    booked = make_appointment(clinic)
    line = make_line(clinic)
    segment = make_segment()
    link = issue_link(
        purpose=LinkPurpose.APPOINTMENT,
        patient_id=clinic.patient.pk,
        subject_id=booked.pk,
        expires_at=None,
        now=at(clinic.branch, "09:00"),
    )
    return {
        "patient_id": clinic.patient.pk,
        "relative_id": clinic.patient.pk,
        "appointment_id": booked.pk,
        "shift_id": clinic.doctor.shifts.get().pk,
        "line_id": line.pk,
        "prescription_id": line.prescription_id,
        "segment": segment.pk,
        "scenario": Scenario.objects.earliest("pk").pk,
        "template_id": Template.objects.earliest("pk").pk,
        "token": link.rstrip("/").rpartition("/")[2],
    }


def list_paths(rows: dict[str, Any], *, is_api: bool) -> Iterator[tuple[Address, str]]:
    for address in ADDRESSES:
        if address.name in LEAVING or ("_api:" in address.name) != is_api:
            continue
        kind = address.name.partition(":")[2].partition("_")[0].partition("-")[0]
        known = tuple(
            (name, rows.get(name, rows.get(kind, sample) if name == "pk" else sample))
            for name, sample in address.arguments
        )
        yield address, Address(address.name, known).path


def find_failures(
    root: Client, rows: dict[str, Any], method: str, *, is_api: bool = False, **sent: Any
) -> list[str]:
    return [
        f"{address.name}: {response.status_code}"
        for address, path in list_paths(rows, is_api=is_api)
        if (response := getattr(root, method)(path, **sent)).status_code >= 500
    ]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_page_fails_over_its_query(root: Client, rows: dict[str, Any], value: str) -> None:
    assert find_failures(root, rows, "get", data=dict.fromkeys(FIELDS, value)) == []


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_form_fails_over_what_is_posted(root: Client, rows: dict[str, Any], value: str) -> None:
    assert find_failures(root, rows, "post", data=dict.fromkeys(FIELDS, value)) == []


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_endpoint_fails_over_its_query_or_values(
    root: Client, rows: dict[str, Any], value: str
) -> None:
    told = dict.fromkeys(FIELDS, value)

    assert find_failures(root, rows, "get", is_api=True, data=told) == []
    assert find_failures(root, rows, "post", is_api=True, data=told, **AS_JSON) == []


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_no_endpoint_fails_over_its_body(
    root: Client, rows: dict[str, Any], method: str, body: bytes
) -> None:
    assert find_failures(root, rows, method, is_api=True, data=body, **AS_JSON) == []


def test_a_body_beyond_the_limit_is_not_read(root: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = root.post("/api/v1/segments/count/", data={"rule": "x" * 200}, **AS_JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
