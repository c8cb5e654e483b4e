import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import User
from loyalty.actions import expire_points_next, spend_points
from loyalty.models import PointAccount, PointEntry, Tier
from loyalty.queries import list_months, list_tiers
from tests.factories import Clinic, make_patient
from tests.loyalty.factories import give_points, make_visit, pay

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
KEY = "5f0c1fd4-9a8b-4b8c-8d3e-0a4bb5a1c001"


@pytest.fixture(autouse=True)
def noon(now: datetime) -> object:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def marketing(client_for: SignIn, marina: User) -> Client:
    return client_for(marina)


@pytest.fixture
def management(client_for: SignIn, viktor: User) -> Client:
    return client_for(viktor)


def show(client: Client, name: str, *args: int, query: str = "") -> str:
    html = client.get(reverse(f"loyalty:{name}", args=args) + query).content.decode()
    return html.replace("\xa0", " ")


def test_months_add_up_what_came_in_and_went_out(clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 500, now=now - timedelta(days=40), live_days=20)
    expire_points_next(now=now)
    give_points(clinic.patient.pk, 300, now=now)
    spend_points(patient_id=clinic.patient.pk, points=120, source="s", actor_id=None, now=now)

    *_earlier, october, november, december = list_months(zone=clinic.branch.zone, now=now)

    assert (october.key, october.earned) == ("2026-10", 500)
    assert (november.earned, november.spent, november.expired) == (0, 0, 0)
    assert (december.earned, december.spent, december.expired) == (300, 120, 500)


def test_patients_stand_on_the_tier_of_their_spend(clinic: Clinic, now: datetime) -> None:
    for spent in ("1000", "50000", "60000"):
        patient = make_patient()
        visit = make_visit(
            Clinic(clinic.branch, clinic.rooms, clinic.service, clinic.doctor, patient),
            spent,
            days_ago=int(spent) % 7 + int(spent) // 10000 + 1,
        )
        pay(visit, spent, now)

    assert [(row.tier.name, row.patients) for row in list_tiers()] == [
        ("Базовый", 1),
        ("Серебро", 2),
        ("Золото", 0),
    ]


def test_the_page_shows_figures_and_their_rows(
    marketing: Client, clinic: Clinic, now: datetime
) -> None:
    give_points(clinic.patient.pk, 1234, now=now)
    spend_points(patient_id=clinic.patient.pk, points=34, source="s", actor_id=None, now=now)

    html = show(marketing, "points")

    assert "1 234" in html
    assert "1 200" in html
    assert "+1 234" in html
    spent = show(marketing, "points", query="?kind=SPENT")
    assert "+1 234" not in spent.split('id="ledger"')[1]
    assert "-34" in spent


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("?month=2026-12", True),
        ("?month=2026-11", False),
        ("?month=nonsense", True),
        ("?text=нетакой", False),
        ("?kind=EXPIRED", False),
    ],
)
def test_the_ledger_is_narrowed(
    marketing: Client, clinic: Clinic, now: datetime, query: str, is_found: bool
) -> None:
    give_points(clinic.patient.pk, 77, now=now)

    html = marketing.get(reverse("loyalty:points") + query, headers=HTMX).content.decode()

    assert ("+77" in html) is is_found


def test_an_empty_ledger_says_how_it_fills(marketing: Client, clinic: Clinic) -> None:
    assert "Первый оплаченный визит" in show(marketing, "points")


def test_a_patients_points_with_tier_and_expiry(
    marketing: Client, clinic: Clinic, now: datetime
) -> None:
    pay(make_visit(clinic, "49000"), "49000", now)
    give_points(clinic.patient.pk, 100, now=now, live_days=10)

    html = show(marketing, "account", clinic.patient.pk)

    assert "1 000 ₽ до уровня «Серебро»" in html
    assert "сгорят 11.12.2026" in html


def test_a_manager_corrects_points_once(management: Client, clinic: Clinic) -> None:
    address = reverse("loyalty:adjust", args=[clinic.patient.pk])

    for _ in range(2):
        answer = management.post(
            address, {"points": "500", "note": "за терпение", "key": KEY}, headers=HTMX
        )
        assert answer.status_code == 204

    assert PointAccount.objects.get().balance == 500
    assert "за терпение" in show(management, "account", clinic.patient.pk)


@pytest.mark.parametrize(
    "wrong", [{"points": "-1"}, {"points": "0"}, {"points": "x"}, {"note": " "}]
)
def test_a_wrong_correction_is_explained_and_changes_nothing(
    management: Client, clinic: Clinic, wrong: dict[str, str]
) -> None:
    told = {"points": "5", "note": "x", "key": KEY} | wrong

    answer = management.post(reverse("loyalty:adjust", args=[clinic.patient.pk]), told)

    assert answer.status_code == 422
    assert not PointEntry.objects.exists()


def test_a_marketer_corrects_nothing(marketing: Client, clinic: Clinic) -> None:
    answer = marketing.post(
        reverse("loyalty:adjust", args=[clinic.patient.pk]), {"points": "5", "note": "x"}
    )

    assert answer.status_code == 403
    assert not PointEntry.objects.exists()


def test_tiers_are_added_changed_and_removed(marketing: Client, clinic: Clinic) -> None:
    told = {
        "name": "Платина",
        "spent_from": "300000",
        "earn_percent": "10",
        "points_live_days": "730",
    }

    assert marketing.post(reverse("loyalty:tier_add"), told, headers=HTMX).status_code == 204
    tier = Tier.objects.get(name="Платина")
    marketing.post(
        reverse("loyalty:tier", args=[tier.pk]), told | {"earn_percent": "9.5"}, headers=HTMX
    )
    tier.refresh_from_db()
    assert (tier.earn_percent, tier.points_live_days) == (Decimal("9.5"), 730)
    assert "Платина" in show(marketing, "tiers")

    marketing.post(reverse("loyalty:tier_remove", args=[tier.pk]), headers=HTMX)
    assert not Tier.objects.filter(pk=tier.pk).exists()


def test_two_tiers_do_not_begin_at_one_spend(marketing: Client, clinic: Clinic) -> None:
    told = {
        "name": "Другой",
        "spent_from": "50000",
        "earn_percent": "4",
        "points_live_days": "365",
    }

    answer = marketing.post(reverse("loyalty:tier_add"), told)

    assert answer.status_code == 422
    assert "уже есть" in answer.content.decode()
    assert Tier.objects.count() == 3


def test_the_api_tells_and_corrects(management: Client, clinic: Clinic, now: datetime) -> None:
    give_points(clinic.patient.pk, 100, now=now)
    base = f"/api/v1/patients/{clinic.patient.pk}/points/"

    told = management.get(base).json()
    answer = management.post(
        f"{base}adjust/",
        json.dumps({"points": -30, "note": "ошибка"}),
        content_type="application/json",
        headers={"Idempotency-Key": "12345678"},
    )
    entries = management.get(f"{base}entries/").json()

    assert (told["points"], told["tier"], told["next_tier"]) == (100, "Базовый", "Серебро")
    assert answer.json()["points"] == 70
    assert [entry["points"] for entry in entries["results"]] == [-30, 100]


def test_the_api_refuses_with_a_code(management: Client, clinic: Clinic) -> None:
    answer = management.post(
        f"/api/v1/patients/{clinic.patient.pk}/points/adjust/",
        json.dumps({"points": -30, "note": "ошибка"}),
        content_type="application/json",
        headers={"Idempotency-Key": "12345678"},
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_points")
    assert not PointEntry.objects.exists()
