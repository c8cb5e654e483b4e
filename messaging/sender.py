"""The sender: claim, commit, call, commit. No transaction is open while a gateway is called.

Any number of senders may run, and each may die at any instant: see `docs/messaging.md`.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.conf import settings

from messaging.actions.claiming import Claim, claim_interrupted, claim_messages
from messaging.actions.outcomes import store_outcomes
from messaging.actions.polling import claim_unconfirmed, store_statuses
from messaging.actions.settling import give_up_asking, settle_unaskable
from messaging.gateways import (
    AskableGateway,
    Gateway,
    GatewaySilent,
    Letter,
    Outcome,
    Result,
    get_gateway,
)
from patients.models import Channel

logger = logging.getLogger(__name__)

CALLS_START_WITHIN = 0.5
"""Part of the lease in which calls may start, so that none outlives it."""


def send_next(*, channel: Channel, now: datetime, gateway: Gateway | None = None) -> bool:
    """Clear up what a dead sender left and send the next due messages of the channel.

    Returns False when there was nothing to do.
    """
    gateway = gateway or get_gateway(channel)
    settled = _settle(gateway, now=now)
    deadline = time.monotonic() + settings.MESSAGE_LEASE.total_seconds() * CALLS_START_WITHIN
    claim = claim_messages(channel=channel, limit=gateway.batch, now=now)
    outcomes = _call(gateway, claim.letters, deadline=deadline)
    _store(gateway, claim, outcomes, now=now)
    return bool(settled or claim.decided)


def ask_next(*, channel: Channel, now: datetime, gateway: Gateway | None = None) -> bool:
    """Ask whether the next sent messages arrived; False when it is not time for any."""
    gateway = gateway or get_gateway(channel)
    if not isinstance(gateway, AskableGateway):
        return False
    letters = claim_unconfirmed(channel=channel, limit=gateway.batch, now=now)
    if letters:
        try:
            statuses = gateway.list_statuses(letters)
        except GatewaySilent:
            return False
        store_statuses(statuses=statuses, now=now)
    return bool(letters)


def _settle(gateway: Gateway, *, now: datetime) -> int:
    """Ask about messages whose sender died or got no clear answer; return how many there were."""
    if not isinstance(gateway, AskableGateway):
        return settle_unaskable(channel=gateway.channel, limit=100, now=now)
    claim = claim_interrupted(channel=gateway.channel, limit=gateway.batch)
    if not claim.letters:
        return 0
    try:
        known = gateway.list_statuses(claim.letters)
    except GatewaySilent:
        return give_up_asking(token=claim.token, now=now)
    outcomes = {
        letter.id: Outcome(result=Result.FOUND, provider_id=known[letter.id].provider_id)
        if letter.id in known
        else Outcome(result=Result.NOT_FOUND)
        for letter in claim.letters
    }
    _store(gateway, claim, outcomes, now=now)
    return len(claim.letters)


def _call(gateway: Gateway, letters: Sequence[Letter], *, deadline: float) -> Mapping[int, Outcome]:
    """Hand the letters over, several at a time; stop early at the deadline or a closed channel."""
    stopped = threading.Event()

    def call(letter: Letter) -> Outcome:
        if stopped.is_set() or time.monotonic() > deadline:
            return Outcome(result=Result.NOT_TRIED)
        outcome = _send(gateway, letter)
        if outcome.stops_channel:
            stopped.set()
        return outcome

    if not letters:
        return {}
    with ThreadPoolExecutor(gateway.threads) as pool:
        return dict(zip((letter.id for letter in letters), pool.map(call, letters), strict=True))


def _send(gateway: Gateway, letter: Letter) -> Outcome:
    """A fault of ours stays with its letter; nobody knows how far the letter got."""
    try:
        return gateway.send(letter)
    except Exception as error:  # noqa: BLE001 — one broken letter must not stop the batch
        logger.error("Sending message %s failed: %s", letter.id, type(error).__qualname__)
        return Outcome(result=Result.UNCLEAR, reason="gateway_failed")


def _store(
    gateway: Gateway, claim: Claim, outcomes: Mapping[int, Outcome], *, now: datetime
) -> None:
    if not outcomes:
        return
    can_be_asked = isinstance(gateway, AskableGateway)
    ours = store_outcomes(token=claim.token, outcomes=outcomes, can_be_asked=can_be_asked, now=now)
    if ours < len(outcomes):
        logger.warning("Another sender took over %d messages", len(outcomes) - ours)
