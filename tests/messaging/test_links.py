from datetime import UTC, datetime, timedelta

import pytest

from messaging.actions import issue_link, revoke_links
from messaging.models import Link, LinkPurpose
from messaging.queries import LinkInvalid, open_link
from tests.factories import make_patient

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


def _issue(expires_at: datetime | None = TOMORROW) -> str:
    url = issue_link(
        purpose=LinkPurpose.APPOINTMENT,
        patient_id=make_patient().pk,
        subject_id=7,
        expires_at=expires_at,
        now=NOW,
    )
    assert url.startswith("http://localhost:8000/v/")
    return url.removeprefix("http://localhost:8000/v/").removesuffix("/")


def test_a_link_opens_its_subject() -> None:
    token = _issue()

    link = open_link(token=token, purpose=LinkPurpose.APPOINTMENT, now=NOW)

    assert link.subject_id == 7


def test_the_database_knows_only_a_hash() -> None:
    token = _issue()

    stored = bytes(Link.objects.get().token_hash)

    assert len(token) == 22
    assert len(stored) == 32
    assert token.encode() not in stored


def test_a_link_opens_nothing_else() -> None:
    token = _issue()

    with pytest.raises(LinkInvalid):
        open_link(token=token, purpose=LinkPurpose.REVIEW, now=NOW)


def test_a_link_ends_with_its_term() -> None:
    token = _issue()

    with pytest.raises(LinkInvalid):
        open_link(token=token, purpose=LinkPurpose.APPOINTMENT, now=TOMORROW)


def test_a_link_without_a_term_works_for_ever() -> None:
    token = _issue(expires_at=None)

    in_ten_years = NOW + timedelta(days=3653)

    link = open_link(token=token, purpose=LinkPurpose.APPOINTMENT, now=in_ten_years)

    assert link.subject_id == 7


def test_a_revoked_link_is_dead() -> None:
    token = _issue()

    assert revoke_links(purpose=LinkPurpose.APPOINTMENT, subject_id=7, now=NOW) == 1
    assert revoke_links(purpose=LinkPurpose.APPOINTMENT, subject_id=7, now=NOW) == 0

    with pytest.raises(LinkInvalid):
        open_link(token=token, purpose=LinkPurpose.APPOINTMENT, now=NOW)


@pytest.mark.parametrize("token", ["", "x", "не-токен", "A" * 22, "A" * 5000])
def test_a_guess_is_refused(token: str) -> None:
    _issue()

    with pytest.raises(LinkInvalid):
        open_link(token=token, purpose=LinkPurpose.APPOINTMENT, now=NOW)
