"""The funnel against plain counting, and each figure against its rows."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from clinic.models import User
from intake.models import Request
from patients.models import AccessEntry
from reports.queries.funnel import NOT_TOLD, FunnelFilter, list_newcomers, list_rows, read_funnel
from reports.queries.outcomes import STEPS
from tests.factories import (
    Clinic,
    make_appointment,
    make_branch,
    make_clinic,
    make_patient,
    make_source,
)
from tests.reports.factories import NOW, ask, pay

pytestmark = pytest.mark.django_db

PERIOD = FunnelFilter(
    since=(NOW - timedelta(days=60)).date(), until=(NOW + timedelta(days=2)).date()
)


def counts(wanted: FunnelFilter = PERIOD) -> dict[str, int]:
    return {step.code: step.count for step in read_funnel(wanted=wanted, now=NOW).steps}


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def test_each_request_stands_at_the_step_it_reached(clinic: Clinic) -> None:
    ask(clinic)
    Request.objects.create(
        kind="FORM", status="LOST", loss_reason="EXPENSIVE", key="lost", created_at=NOW
    )
    Request.objects.create(
        kind="FORM", status="LOST", loss_reason="SPAM", key="spam", created_at=NOW
    )
    ask(clinic, "CANCELLED", cancel_reason="ILLNESS")
    ask(clinic, "NO_SHOW")
    ask(clinic, "BOOKED", days_ago=-3)
    ask(clinic, "BOOKED")
    came = ask(clinic, "DONE")
    pay(came, 3000, points=500)
    again = ask(clinic, "DONE", days_ago=30)
    make_appointment(
        clinic, starts_at=NOW - timedelta(days=2, minutes=1), status="DONE", patient=again.patient,
        room=None,
    )  # fmt: skip

    funnel = read_funnel(wanted=PERIOD, now=NOW)

    assert {step.code: (step.count, step.before) for step in funnel.steps} == {
        "requests": (8, 8), "booked": (6, 8), "came": (2, 6), "again": (1, 2),
    }  # fmt: skip
    losses = [{loss.outcome: loss.count for loss in step.losses} for step in funnel.steps]
    assert losses == [
        {"open:NEW": 1, "lost:EXPENSIVE": 1},
        {"cancelled:ILLNESS": 1, "no_show": 1, "ahead": 1, "unmarked": 1},
        {"recent": 1},
        {},
    ]
    assert (funnel.steps[2].money, funnel.spam) == (Decimal(2500), 1)
    behind: list[Any] = list(list_rows(wanted=PERIOD, step="came", now=NOW))
    assert sum(row.money or 0 for row in behind) == funnel.steps[2].money


def test_every_figure_has_as_many_rows(clinic: Clinic) -> None:
    for status in ("DONE", "NO_SHOW", "BOOKED"):
        ask(clinic, status)
    ask(clinic)

    funnel = read_funnel(wanted=PERIOD, now=NOW)

    for step, following in zip(funnel.steps, [*funnel.steps[1:], None], strict=True):
        assert list_rows(wanted=PERIOD, step=step.code, now=NOW).count() == step.count
        assert following is None or step.count - step.lost == following.count
        for loss in step.losses:
            rows = list_rows(wanted=PERIOD, outcome=loss.outcome, now=NOW)
            assert rows.count() == loss.count
    assert list_rows(wanted=PERIOD, outcome="lost:SPAM", now=NOW).count() == funnel.spam
    for line in funnel.by_branch:
        own = FunnelFilter(since=PERIOD.since, until=PERIOD.until, branch_id=line.id)
        assert tuple(counts(own).values()) == line.counts


def test_filters_narrow_by_source_branch_and_period(clinic: Clinic) -> None:
    site, elsewhere = make_source(), make_branch()
    ask(clinic, source=site)
    ask(clinic, branch=elsewhere)
    ask(clinic, branch=None)
    ask(clinic, created_at=NOW - timedelta(days=100))

    def count(**narrowed: int) -> int:
        wanted = FunnelFilter(since=PERIOD.since, until=PERIOD.until, **narrowed)
        return counts(wanted)["requests"]

    assert count() == 3
    assert count(source_id=site.pk) == 1
    assert count(source_id=NOT_TOLD) == 2
    assert count(branch_id=elsewhere.pk) == 1
    assert count(branch_id=NOT_TOLD) == 1


def test_newcomers_are_those_without_a_request(clinic: Clinic) -> None:
    walked_in = make_patient(created_at=NOW)
    make_appointment(clinic, patient=walked_in, on=date(2026, 1, 15))
    ask(clinic, patient=make_patient(created_at=NOW))

    found = read_funnel(wanted=PERIOD, now=NOW).newcomers

    assert found == (1, 1, 0, 0)
    assert list(list_newcomers(wanted=PERIOD, step="booked")) == [walked_in]


def test_the_funnel_costs_five_queries(clinic: Clinic, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        ask(clinic, "DONE")

    with django_assert_num_queries(5):
        read_funnel(wanted=PERIOD, now=NOW)


@pytest.fixture
def manager(client_for: Callable[[User], Client], viktor: User) -> Client:
    return client_for(viktor)


def test_the_page_shows_shares_and_links_to_rows(manager: Client, clinic: Clinic) -> None:
    ask(clinic, "DONE")
    ask(clinic)

    page = manager.get(reverse("reports:funnel"), {"period": "90"}).content.decode()

    assert "50\xa0% (1\xa0из\xa02)" in page
    for step in STEPS:
        assert f"/funnel/rows/?period=90&amp;step={step}" in page


def test_the_page_costs_few_queries(
    manager: Client, clinic: Clinic, django_assert_max_num_queries: Any
) -> None:
    ask(clinic, "DONE")
    manager.get(reverse("reports:funnel"))

    with django_assert_max_num_queries(13):
        manager.get(reverse("reports:funnel"))


@pytest.mark.parametrize(
    "query",
    ["period=own&since=2026-11-20&until=2026-01-01", "period=x&source=x&branch=999999", "step=x"],
)
def test_what_cannot_be_read_breaks_no_page(manager: Client, query: str) -> None:
    assert manager.get(f"{reverse('reports:funnel')}?{query}").status_code == 200
    assert manager.get(f"{reverse('reports:funnel_rows')}?{query}&page=x").status_code == 200


def test_rows_are_journalled(manager: Client, clinic: Clinic) -> None:
    request = ask(clinic, "DONE")
    ask(clinic, branch=None)
    manager.get(reverse("reports:funnel_rows"), {"outcome": "open:NEW"})

    page = manager.get(reverse("reports:funnel_rows"), {"step": "came"}).content.decode()
    manager.get(reverse("reports:funnel_rows"), {"lane": "newcomers"})

    assert str(request.patient) in page
    entry = AccessEntry.objects.get()
    assert (entry.patient, entry.place) == (request.patient, "reports:funnel_rows")


def test_a_program_reads_the_same(viktor: User, clinic: Clinic) -> None:
    ask(clinic, "DONE")
    program = APIClient()
    program.force_authenticate(viktor)

    answer = program.get(
        "/api/v1/funnel/", {"since": PERIOD.since.isoformat(), "until": PERIOD.until.isoformat()}
    )
    refused = program.get("/api/v1/funnel/")

    assert [step["count"] for step in answer.data["steps"]] == [1, 1, 1, 0]
    assert (refused.status_code, refused.data["code"]) == (400, "invalid")
