"""Each rule of the guard, by what a claim does with a due message."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.models import Setting
from messaging.actions import Subject
from messaging.guard import CHECKS, still_wanted
from messaging.models import Message
from messaging.queries import explain_message, foresee_messages
from messaging.reasons import REASONS
from messaging.sender import send_next
from outbox.models import Event
from patients.models import Channel, ContactPoint, Patient
from tests.factories import make_patient
from tests.messaging.factories import (
    KIND,
    always_wanted,
    give_marketing_consent,
    make_marketing_message,
    make_message,
    registered,
    withdraw_marketing_consent,
)
from tests.messaging.gateways import AskableScriptedGateway

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 9, tzinfo=UTC)  # in Moscow
NIGHT = datetime(2026, 12, 1, 20, tzinfo=UTC)  # 23:00 in Moscow
Status = Message.Status


@pytest.fixture
def anna() -> Patient:
    patient = make_patient(phone="+79161234567")
    give_marketing_consent(patient, Channel.SMS, now=NOON)
    return patient


def send(message: Message, *, now: datetime) -> tuple[str, str]:
    """Run the sender; return the state and the reason."""
    gateway = AskableScriptedGateway()
    send_next(channel=Channel.SMS, now=now, gateway=gateway)
    message.refresh_from_db()
    assert bool(gateway.accepted) == (message.status == Status.SENT)
    return message.status, message.reason


def test_one_check_per_kind_of_subject() -> None:
    def another(*, subject_id: int, mark: str, now: datetime) -> str:
        return "moved"

    with pytest.raises(ValueError, match="already has a check"):
        still_wanted(KIND)(another)

    assert CHECKS[KIND] is always_wanted


def test_a_check_brings_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(CHECKS, KIND)

    still_wanted(KIND, reasons={"won_back": "The patient has booked."})(always_wanted)

    assert REASONS.pop("won_back") == "The patient has booked."


def test_what_lost_its_sense_is_not_sent(anna: Patient) -> None:
    asked = []

    def check(*, subject_id: int, mark: str, now: datetime) -> str:
        asked.append((subject_id, mark, now))
        return "moved"

    with registered("visit", check):
        message = make_message(anna, now=NOON, subject=Subject(kind="visit", id=5, mark="v2"))

        assert send(message, now=NOON) == (Status.SUPPRESSED, "moved")

    assert asked == [(5, "v2", NOON)]
    assert Event.objects.get().payload["reason"] == "moved"


def test_a_check_that_fails_holds_up_its_own_message_only(anna: Patient) -> None:
    def check(*, subject_id: int, mark: str, now: datetime) -> str:
        Patient.objects.get(pk=-subject_id)
        return ""

    with registered("visit", check):
        broken = make_message(anna, now=NOON, subject=Subject(kind="visit", id=5))
        sound = make_message(anna, now=NOON)

        assert send(sound, now=NOON) == (Status.SENT, "")

        broken.refresh_from_db()
        assert (broken.status, broken.reason) == (Status.QUEUED, "check_failed")
        assert broken.send_at == NOON + timedelta(minutes=5)
        late = broken.expires_at - timedelta(minutes=1)
        assert send(broken, now=late) == (Status.SUPPRESSED, "check_failed")


def test_a_subject_that_nobody_knows_any_more_is_not_written_about(anna: Patient) -> None:
    with registered("visit", always_wanted):
        message = make_message(
            anna,
            now=NOON,
            subject=Subject(kind="visit", id=5),
            expires_at=NOON + timedelta(hours=1),
        )

    assert send(message, now=NOON + timedelta(minutes=59)) == (Status.SUPPRESSED, "check_failed")


def test_a_withdrawal_reaches_what_is_already_queued(anna: Patient) -> None:
    message = make_marketing_message(anna, now=NOON)

    withdraw_marketing_consent(anna, Channel.SMS, now=NOON)

    assert send(message, now=NOON) == (Status.SUPPRESSED, "no_consent")


def test_a_service_message_needs_no_consent_to_marketing(anna: Patient) -> None:
    message = make_message(anna, now=NOON)

    withdraw_marketing_consent(anna, Channel.SMS, now=NOON)

    assert send(message, now=NOON) == (Status.SENT, "")


def test_consent_is_by_channel(anna: Patient) -> None:
    message = make_marketing_message(anna, now=NOON)

    withdraw_marketing_consent(anna, Channel.EMAIL, now=NOON)

    assert send(message, now=NOON) == (Status.SENT, "")


def test_who_asks_not_to_be_contacted_gets_nothing(anna: Patient) -> None:
    message = make_message(anna, now=NOON)

    Patient.objects.update(is_reachable=False)

    assert send(message, now=NOON) == (Status.SUPPRESSED, "unreachable")


def test_a_new_phone_gets_what_was_meant_for_the_old(anna: Patient) -> None:
    message = make_message(anna, now=NOON)
    ContactPoint.objects.update(is_valid=False, is_primary=False)
    ContactPoint.objects.create(
        patient=anna, kind=ContactPoint.Kind.PHONE, value="+79160000002", is_primary=True
    )

    send(message, now=NOON)

    assert (message.status, message.address) == (Status.SENT, "+79160000002")


def test_a_phone_that_works_no_more_gets_nothing(anna: Patient) -> None:
    message = make_message(anna, now=NOON)

    ContactPoint.objects.update(is_valid=False)

    assert send(message, now=NOON) == (Status.SUPPRESSED, "no_address")


def test_too_late_is_not_sent(anna: Patient) -> None:
    message = make_message(anna, now=NOON, expires_at=NOON + timedelta(hours=2))

    assert send(message, now=NOON + timedelta(hours=2)) == (Status.EXPIRED, "expired")


def test_at_night_a_message_waits_for_the_morning(anna: Patient) -> None:
    message = make_message(anna, now=NIGHT)

    assert send(message, now=NIGHT) == (Status.QUEUED, "quiet_hours")

    assert message.send_at == datetime(2026, 12, 2, 5, tzinfo=UTC)  # 8:00 in Moscow
    assert explain_message(message).endswith("02.12.2026, 08:00.")
    assert send(message, now=message.send_at) == (Status.SENT, "")


def test_night_is_where_the_branch_is(anna: Patient) -> None:
    message = make_message(anna, now=NOON, zone="Asia/Kamchatka")  # 21:00 there

    assert send(message, now=NOON) == (Status.SENT, "")

    message = make_message(anna, now=NOON + timedelta(minutes=30), zone="Asia/Kamchatka")
    assert send(message, now=NOON + timedelta(minutes=30)) == (Status.QUEUED, "quiet_hours")


def test_what_would_be_useless_by_morning_goes_at_night(anna: Patient) -> None:
    message = make_message(anna, now=NIGHT, expires_at=datetime(2026, 12, 2, 4, 30, tzinfo=UTC))

    assert send(message, now=NIGHT) == (Status.SENT, "")


def test_marketing_keeps_to_the_hours_of_the_clinic(anna: Patient) -> None:
    Setting.objects.create(marketing_from="11:00", marketing_until="12:00")
    message = make_marketing_message(anna, now=NOON)

    assert send(message, now=NOON) == (Status.QUEUED, "quiet_hours")
    assert message.send_at == datetime(2026, 12, 2, 8, tzinfo=UTC)  # 11:00 in Moscow


def test_marketing_without_a_decent_hour_left_is_not_sent(anna: Patient) -> None:
    message = make_marketing_message(anna, now=NIGHT, expires_at=NIGHT + timedelta(hours=3))

    assert send(message, now=NIGHT) == (Status.EXPIRED, "quiet_hours")


def test_the_forecast_says_what_the_sender_would_do_and_changes_nothing(anna: Patient) -> None:
    going = make_message(anna, now=NOON)
    make_marketing_message(anna, now=NOON)
    withdraw_marketing_consent(anna, Channel.SMS, now=NOON)
    make_message(anna, now=NOON, send_at=NOON + timedelta(hours=1))

    lines = list(foresee_messages(now=NOON))

    assert [(line.due_at, line.recipient) for line in lines] == [(NOON, anna.full_name)] * 2
    assert lines[0].verdict != lines[1].verdict
    assert Message.objects.filter(status=Status.QUEUED).count() == 3
    going.refresh_from_db()
    assert going.attempts == 0
