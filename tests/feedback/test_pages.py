from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.models import Appointment
from clinic.models import Branch, User
from feedback.models import Answer, Case, ReviewSite
from messaging.actions import issue_link
from messaging.models import LinkPurpose
from tests.factories import Clinic, make_appointment, make_clinic


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return make_appointment(
        clinic, starts_at=timezone.now() - timedelta(hours=3), status=Appointment.Status.DONE
    )


@pytest.fixture
def address(visit: Appointment) -> str:
    url = issue_link(
        purpose=LinkPurpose.REVIEW,
        patient_id=visit.patient_id,
        subject_id=visit.pk,
        expires_at=timezone.now() + timedelta(days=1),
        now=timezone.now(),
    )
    return "/" + url.split("/", 3)[3]


def test_looking_changes_nothing_and_names_neither_doctor_nor_service(
    address: str, visit: Appointment
) -> None:
    for _ in range(5):
        html = Client().get(address).content.decode()

    assert visit.service.name not in html
    assert visit.employee.last_name not in html
    assert not Answer.objects.exists()


@pytest.mark.parametrize("score", [2, 10])
def test_everyone_who_answers_sees_the_review_sites(
    address: str, visit: Appointment, score: int | str
) -> None:
    ReviewSite.objects.create(branch=visit.branch, name="Карты", url="https://example.ru/reviews")

    page = Client().post(address, {"score": score, "comment": "Долго ждал"}, follow=True)

    assert "https://example.ru/reviews" in page.content.decode()
    assert Answer.objects.get().score == score
    assert Case.objects.count() == (score <= 6)


@pytest.mark.parametrize("score", ["", "11", "-1", "пять"])
def test_an_answer_without_a_number_comes_back_with_the_words_kept(
    address: str, score: int | str
) -> None:
    page = Client().post(address, {"score": score, "comment": "Долго ждал"})

    assert page.status_code == 422
    assert "Долго ждал" in page.content.decode()
    assert not Answer.objects.exists()


def test_a_second_answer_changes_nothing(address: str) -> None:
    Client().post(address, {"score": 9})
    Client().post(address, {"score": 1})

    assert Answer.objects.get().score == 9


def test_a_link_of_another_purpose_opens_nothing(address: str) -> None:
    page = Client().get("/r/" + "A" * 22 + "/")

    assert page.status_code == 404


def test_the_manager_takes_and_resolves_a_case(
    client_for: Callable[[User], Client], viktor: User, address: str, visit: Appointment
) -> None:
    Client().post(address, {"score": 3, "comment": "Долго ждал"})
    case = Case.objects.get()
    page = client_for(viktor)

    html = page.get(reverse("feedback:cases")).content.decode()
    page.post(reverse("feedback:case_take", args=[case.pk]))
    url = reverse("feedback:case_resolve", args=[case.pk])
    empty = page.post(url, {"resolution": ""})
    page.post(url, {"resolution": "Позвонили, извинились"})

    assert "Долго ждал" in html
    assert empty.status_code == 422
    case.refresh_from_db()
    assert (case.status, case.owner) == ("RESOLVED", viktor.employee)
    assert case.patient.full_name not in page.get(reverse("feedback:cases")).content.decode()


def test_answers_are_narrowed_by_group(
    client_for: Callable[[User], Client], viktor: User, address: str, visit: Appointment
) -> None:
    Client().post(address, {"score": 10, "comment": "Отлично"})
    page = client_for(viktor)
    url = reverse("feedback:answers")

    assert "Отлично" in page.get(url, {"group": "promoters"}).content.decode()
    assert "Отлично" not in page.get(url, {"group": "detractors"}).content.decode()


def test_the_rows_behind_the_score_are_those_of_its_days(
    client_for: Callable[[User], Client], viktor: User, address: str, visit: Appointment
) -> None:
    Client().post(address, {"score": 10, "comment": "Отлично"})
    page = client_for(viktor)
    url = reverse("feedback:answers")

    assert f'href="{url}?days=90"' in page.get(reverse("feedback:cases")).content.decode()

    Answer.objects.update(answered_at=F("answered_at") - timedelta(days=120))
    assert "Отлично" in page.get(url).content.decode()
    assert "Отлично" not in page.get(url, {"days": "90"}).content.decode()
