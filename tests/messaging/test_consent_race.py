"""A withdrawal falls wholly before a claim or wholly after it, and a control for each half."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread

import pytest
from django.conf import settings
from django.db import connection

from messaging import guard
from messaging.actions import Subject
from messaging.actions.claiming import claim_messages
from messaging.guard import Facts
from messaging.models import Message
from messaging.sender import send_next
from patients.actions import withdraw_consent
from patients.models import Channel, ConsentOrigin, ConsentPurpose, Patient
from tests.factories import make_patient
from tests.messaging.factories import give_marketing_consent, make_marketing_message, registered
from tests.messaging.gateways import AskableScriptedGateway
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
PATIENTS = 120


def withdraw(patient_id: int) -> datetime:
    """Withdraw as the unsubscribe page does; return a moment after the commit, on its clock."""
    withdraw_consent(
        patient_id=patient_id,
        purpose=ConsentPurpose.MARKETING,
        channel=Channel.SMS,
        origin=ConsentOrigin.LINK,
        actor_id=None,
        ip=None,
        now=NOW,
    )
    return database_now()


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def make_offers() -> list[Message]:
    patients = [make_patient(phone=f"+7916{number:07}") for number in range(PATIENTS)]
    for patient in patients:
        give_marketing_consent(patient, Channel.SMS, now=NOW)
    return [make_marketing_message(patient, now=NOW) for patient in patients]


def race(offers: list[Message]) -> list[int]:
    """Send and withdraw at once; return the patients claimed after their withdrawal."""
    chance = random.Random(7)
    claimed: dict[int, datetime] = {}
    withdrawn: dict[int, datetime] = {}

    def send() -> None:
        gateway = AskableScriptedGateway()
        gateway.batch = 5
        for _ in range(PATIENTS):
            claim = claim_messages(channel=Channel.SMS, limit=gateway.batch, now=NOW)
            for message in Message.objects.filter(lease=claim.token):
                assert message.leased_until is not None
                assert message.patient_id is not None
                claimed[message.patient_id] = message.leased_until - settings.MESSAGE_LEASE
            if not claim.decided:
                return

    def take_back() -> None:
        for offer in chance.sample(offers, PATIENTS // 2):
            assert offer.patient_id is not None
            withdrawn[offer.patient_id] = withdraw(offer.patient_id)
            time.sleep(0.002)

    results = run_at_once([send, send, take_back])
    assert [result for result in results if result is not None] == []
    return [who for who in withdrawn if who in claimed and claimed[who] > withdrawn[who]]


def test_nobody_is_claimed_after_a_withdrawal() -> None:
    assert race(make_offers()) == []


def test_control_consent_checked_only_when_written_misses_withdrawals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offers = make_offers()
    everybody = [(offer.patient_id, Channel.SMS.value) for offer in offers]
    monkeypatch.setattr(guard, "_list_agreed", lambda ids: everybody)

    assert len(race(offers)) >= 1


def hold_claim_open(check: Callable[[], None]) -> Message:
    """Run `check` between the reading of the consent and the claim; return the message after."""

    def look(*, subject_id: int, mark: str, now: datetime) -> str:
        check()
        return ""

    patient = make_patient(phone="+79161234567")
    give_marketing_consent(patient, Channel.SMS, now=NOW)
    with registered("offer", look):
        message = make_marketing_message(patient, now=NOW, subject=Subject(kind="offer", id=1))
        send_next(channel=Channel.SMS, now=NOW, gateway=AskableScriptedGateway())
    message.refresh_from_db()
    return message


class Withdrawal(Thread):
    """A withdrawal in the middle of a claim, and whether it had to wait."""

    had_to_wait = False

    def begin(self) -> None:
        self.start()
        self.join(0.5)
        self.had_to_wait = self.is_alive()

    def run(self) -> None:
        withdraw(Patient.objects.get().pk)
        connection.close()


def test_a_withdrawal_waits_for_the_claim_that_began_before_it() -> None:
    withdrawal = Withdrawal()

    message = hold_claim_open(withdrawal.begin)
    withdrawal.join(10)

    assert withdrawal.had_to_wait
    assert message.status == Message.Status.SENT


def test_control_without_the_lock_it_comes_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    def gather_unlocked(messages: list[Message], *, lock: bool) -> Facts:
        return guard.gather_facts(messages, lock=False)

    monkeypatch.setattr("messaging.actions.claiming.gather_facts", gather_unlocked)
    withdrawal = Withdrawal()

    message = hold_claim_open(withdrawal.begin)

    assert not withdrawal.had_to_wait
    assert message.status == Message.Status.SENT  # to someone who had said no
