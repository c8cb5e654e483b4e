import pytest
from django.test import Client

from clinic.models import User
from patients.models import ConsentText, Source


@pytest.fixture
def keeper(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("keeper", password="keeper"))
    return client


def test_sources_are_kept(keeper: Client) -> None:
    keeper.post(
        "/admin/patients/source/add/", {"name": "Радио", "code": "radio", "is_active": "on"}
    )

    assert Source.objects.get().name == "Радио"
    assert "Радио" in keeper.get("/admin/patients/source/").content.decode()


def test_a_wording_is_added_as_the_next_version_and_never_changed(keeper: Client) -> None:
    first = ConsentText.objects.get(purpose="MARKETING", channel="SMS", language="ru")
    text = {"purpose": "MARKETING", "channel": "SMS", "language": "ru", "body": "Новый текст."}

    keeper.post("/admin/patients/consenttext/add/", text | {"version": "2"})
    changed = keeper.post(
        f"/admin/patients/consenttext/{first.pk}/change/", text | {"version": "1"}
    )

    first.refresh_from_db()
    assert ConsentText.objects.filter(version=2, body="Новый текст.").exists()
    assert changed.status_code == 403
    assert first.body != "Новый текст."


def test_a_version_that_is_there_already_is_refused_in_words(keeper: Client) -> None:
    text = {"purpose": "MARKETING", "channel": "SMS", "language": "ru", "body": "Другой."}

    answer = keeper.post("/admin/patients/consenttext/add/", text | {"version": "1"})

    assert answer.status_code == 200
    assert not ConsentText.objects.filter(body="Другой.").exists()
