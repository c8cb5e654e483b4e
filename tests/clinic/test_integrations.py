from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from clinic.actions import Issued, NameTaken, issue_token, renew_token, revoke_token
from clinic.models import Integration, Role, User

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
ADDRESS = "/api/v1/patients/"


@pytest.fixture
def site(db: None) -> Issued:
    return issue_token(name="Сайт", role=Role.ADMINISTRATOR, now=NOW)


def call(token: str) -> int:
    return APIClient().get(ADDRESS, headers={"Authorization": f"Token {token}"}).status_code


def test_a_token_opens_what_its_role_may(site: Issued) -> None:
    assert site.token.startswith("crm_")
    assert call(site.token) == 200

    marketing = issue_token(name="Аналитика", role=Role.MARKETER, now=NOW)
    assert call(marketing.token) == 403


def test_only_the_hash_is_kept_and_no_password_is_made(site: Issued) -> None:
    row = Integration.objects.get()

    assert site.token.encode() not in bytes(row.token_hash)
    assert row.user.role == Role.ADMINISTRATOR
    assert not row.user.has_usable_password()
    assert not row.user.check_password("")


@pytest.mark.parametrize("token", ["", "crm_nothing", "x" * 5000])
def test_a_wrong_token_is_told_nothing(site: Issued, token: str) -> None:
    answer = APIClient().get(ADDRESS, headers={"Authorization": f"Token {token}"})

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Token"


def test_a_renewed_token_stops_the_one_before(site: Issued) -> None:
    renewed = renew_token(integration_id=site.integration.pk, now=NOW)

    assert call(site.token) == 401
    assert call(renewed.token) == 200


def test_a_revoked_token_stops_at_once_and_can_be_renewed(site: Issued) -> None:
    for _ in range(2):
        revoke_token(integration_id=site.integration.pk, now=NOW)
    assert call(site.token) == 401

    assert call(renew_token(integration_id=site.integration.pk, now=NOW).token) == 200


def test_a_switched_off_account_is_shut_out(site: Issued) -> None:
    User.objects.filter(pk=site.integration.user_id).update(is_active=False)

    assert call(site.token) == 401


def test_a_name_is_taken_once(site: Issued) -> None:
    with pytest.raises(NameTaken):
        issue_token(name="Сайт", role=Role.MANAGER, now=NOW)

    assert Integration.objects.count() == 1


def test_the_last_use_is_noted_once_a_minute(site: Issued) -> None:
    seen = []
    for seconds in (0, 30, 61):
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            call(site.token)
        seen.append(Integration.objects.get().last_used_at)

    assert seen == [NOW, NOW, NOW + timedelta(seconds=61)]


def test_the_administration_issues_renews_and_revokes(db: None) -> None:
    keeper = Client()
    keeper.force_login(User.objects.create_superuser("keeper", password="keeper"))
    page = "/admin/clinic/integration/"

    shown = keeper.post(f"{page}add/", {"name": "Сайт", "role": "ADMINISTRATOR"}, follow=True)
    integration = Integration.objects.get()
    chosen = {"_selected_action": [integration.pk]}
    renewed = keeper.post(page, chosen | {"action": "renew"}, follow=True)
    keeper.post(page, chosen | {"action": "revoke"})

    integration.refresh_from_db()
    assert "crm_" in shown.content.decode()
    assert "crm_" in renewed.content.decode()
    assert "crm_" not in keeper.get(page).content.decode()
    assert integration.revoked_at is not None
    assert keeper.post(f"{page}{integration.pk}/change/", {"name": "Чужой"}).status_code == 403
