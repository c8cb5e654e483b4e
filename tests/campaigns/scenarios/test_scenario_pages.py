from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Run, Scenario, Step
from clinic.models import User
from patients.models import AccessEntry
from tests.campaigns.scenarios.factories import consent, make_finished
from tests.factories import Clinic

DAY = timedelta(days=1)


@pytest.fixture
def page(client_for: Callable[[User], Client], marina: User) -> Client:
    return client_for(marina)


def steps_data(*rows: dict[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "pause_days": "0",
        "steps-TOTAL_FORMS": len(rows),
        "steps-INITIAL_FORMS": 0,
    }
    for number, row in enumerate(rows):
        data |= {f"steps-{number}-{name}": value for name, value in row.items()}
    return data


MESSAGE = {
    "kind": "MESSAGE",
    "amount": "60",
    "unit": "days",
    "at_time": "11:00",
    "lives_hours": "48",
    "template_code": "reactivation_1",
}


def test_the_map_shows_every_scenario_with_its_steps(page: Client, reactivation: Scenario) -> None:
    html = page.get(reverse("campaigns:scenarios")).content.decode()

    for scenario in Scenario.objects.all():
        assert scenario.name in html
    assert "60 дней" in html
    assert "11:00" in html


def test_a_scenario_is_switched_on_and_off(page: Client) -> None:
    scenario = Scenario.objects.get(code="reactivation")

    page.post(reverse("campaigns:scenario_start", args=[scenario.pk]), {"days_back": "7"})
    scenario.refresh_from_db()
    assert scenario.is_active
    assert scenario.watermark_at is not None
    assert timedelta(days=6) < timezone.now() - scenario.watermark_at < timedelta(days=8)

    page.post(reverse("campaigns:scenario_stop", args=[scenario.pk]))
    scenario.refresh_from_db()
    assert not scenario.is_active


def test_changed_steps_make_a_new_version(page: Client, reactivation: Scenario) -> None:
    url = reverse("campaigns:scenario", args=[reactivation.pk])

    response = page.post(url, steps_data(MESSAGE, MESSAGE | {"amount": "80"}))

    assert response.status_code == 302
    assert [version.number for version in reactivation.versions.order_by("number")] == [1, 2]
    offsets = Step.objects.filter(version__number=2).values_list("offset", flat=True)
    assert sorted(offsets) == [60 * DAY, 80 * DAY]


def test_the_step_left_empty_is_no_step(page: Client, reactivation: Scenario) -> None:
    empty = {"kind": "MESSAGE", "amount": "", "unit": "days", "lives_hours": ""}
    url = reverse("campaigns:scenario", args=[reactivation.pk])
    four = [MESSAGE | {"amount": days} for days in ("60", "70", "80", "90")]

    response = page.post(url, steps_data(*four, empty) | {"steps-INITIAL_FORMS": 4})

    assert response.status_code == 302
    assert Step.objects.filter(version__number=2).count() == 4


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "хотя бы один шаг"),
        ([MESSAGE, MESSAGE], "позже предыдущего"),
        ([MESSAGE | {"template_code": ""}], "Выберите текст"),
        ([MESSAGE | {"kind": "TASK", "note": ""}], "что сделать"),
        ([MESSAGE | {"unit": "hours"}], "только с днями"),
    ],
)
def test_wrong_steps_are_refused_in_words_and_nothing_changes(
    page: Client, reactivation: Scenario, rows: list[dict[str, str]], text: str
) -> None:
    url = reverse("campaigns:scenario", args=[reactivation.pk])

    response = page.post(url, steps_data(*rows))

    assert response.status_code == 422
    assert text in response.content.decode()
    assert reactivation.versions.count() == 1


def test_why_not_names_the_condition_that_failed_and_is_journalled(
    page: Client, marina: User, clinic: Clinic, reactivation: Scenario
) -> None:
    make_finished(clinic, finished_at=timezone.now() - 90 * DAY)
    url = reverse("campaigns:scenario_why", args=[reactivation.pk])

    before = page.get(url, {"patient": clinic.patient.pk})
    consent(clinic.patient, timezone.now() - DAY)
    after = page.get(url, {"patient": clinic.patient.pk})

    failed = [str(found.condition) for found in before.context["findings"] if not found.holds]
    assert failed == ["Есть действующее согласие на рекламные сообщения"]
    assert all(found.holds for found in after.context["findings"])
    assert AccessEntry.objects.filter(patient=clinic.patient, actor=marina).count() == 2


def test_the_rows_behind_a_count_are_the_runs(
    page: Client, clinic: Clinic, reactivation: Scenario
) -> None:
    consent(clinic.patient, clinic.at("10:00"))
    Run.objects.create(
        scenario=reactivation,
        version=reactivation.versions.get(),
        patient=clinic.patient,
        subject_id=1,
        anchor_at=clinic.at("10:00"),
        next_at=clinic.at("10:00"),
        started_at=clinic.at("10:00"),
    )
    url = reverse("campaigns:scenario_runs", args=[reactivation.pk])

    assert clinic.patient.full_name in page.get(url, {"status": "ACTIVE"}).content.decode()
    assert clinic.patient.full_name not in page.get(url, {"status": "LEFT"}).content.decode()
