"""Many clients who do at the desk whatever can be done there, all in the same few days.

Each client draws its steps from dice of its own. It knows what it was told: keys of bookings that
were acknowledged, refusals by their code, and errors, of which there must be none.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appointments.actions import (
    BookingOrder,
    HoldOrder,
    book_appointment,
    cancel_appointment,
    hold_slot,
    move_appointment,
    release_holds,
    restore_appointment,
)
from appointments.models import UPCOMING, Appointment, CancelReason
from benchmarks.reception.ground import LASTS, Ground
from benchmarks.reception.proofs import count_overlaps
from outbox.errors import Refused
from waitlist.actions import (
    WaitOrder,
    WaitTerms,
    accept_offer,
    close_offer_next,
    free_cancelled,
    join_waitlist,
    offer_next,
)
from waitlist.models import Offer, OfferStatus

GRID = timedelta(minutes=15)
MOMENT = timedelta(milliseconds=50)
WAITS = timedelta(days=30)


@dataclass
class Toll:
    """What clients were told: steps by kind and outcome, bookings by key, errors in words.

    `overlaps` adds up all that they saw, whenever they looked, by what was shared.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    keys: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    overlaps: Counter[str] = field(default_factory=Counter)
    ended_at: datetime | None = None

    def add(self, other: "Toll") -> None:
        self.outcomes += other.outcomes
        self.keys += other.keys
        self.errors += other.errors
        self.overlaps.update(other.overlaps)
        ends = [toll.ended_at for toll in (self, other) if toll.ended_at]
        self.ended_at = max(ends, default=None)


class Client:
    """One of those who storm. `begins_at` is what the clock shows when the storm begins."""

    def __init__(self, ground: Ground, number: int, begins_at: datetime) -> None:
        self.ground = ground
        self.number = number
        self.begins_at = begins_at
        self.started = time.monotonic()
        self.dice = random.Random(number)
        self.toll = Toll()
        self.orders = 0

    def storm(self, *, steps: int, seconds: float, look_every: int) -> Toll:
        """Take so many steps, or as many as there is time for.

        After every so many steps look for overlaps: one that a later step takes away was there.
        """
        until = time.monotonic() + seconds
        for step in range(1, steps + 1):
            if time.monotonic() > until:
                break
            self.take_step()
            if step % look_every == 0:
                self.toll.overlaps.update(count_overlaps())
        self.toll.ended_at = self.now
        return self.toll

    def take_step(self) -> None:
        step = self.dice.choice(STEPS)
        name = step.__name__
        try:
            outcome = step(self)
        except Refused as refusal:
            outcome = refusal.code
        except Exception as error:  # noqa: BLE001 — whatever it is, a person would have seen it
            outcome = "error"
            self.toll.errors.append(f"{name}: {error!r}")
        self.toll.outcomes[f"{name}.{outcome}"] += 1

    @property
    def now(self) -> datetime:
        return self.begins_at + timedelta(seconds=time.monotonic() - self.started)

    def book(self) -> str:
        return self._send(self._order(self._key()))

    def hold_and_book(self) -> str:
        """Book what is held: the hold must be honoured for its owner."""
        key = self._key()
        order = self._order(key)
        hold_slot(order=self._hold_of(order, timedelta(seconds=2)), actor_id=None, now=self.now)
        return self._send(order)

    def hold_and_leave(self) -> str:
        """Hold for a moment and let it expire by itself."""
        order = self._order(self._key())
        hold_slot(order=self._hold_of(order, MOMENT), actor_id=None, now=self.now)
        return "held"

    def expire(self) -> str:
        release_holds([], now=self.now)
        return "done"

    def move(self) -> str:
        seen = self._pick(status__in=UPCOMING)
        if seen is None:
            return "nothing"
        doctor = self.dice.choice([seen.employee_id, self.dice.choice(self.ground.employee_ids)])
        self._bring(seen, doctor, self._start())
        return "moved"

    def swap(self) -> str:
        """Two visits change places, by way of a third time; where one step is refused it ends."""
        one, other = self._pick(status__in=UPCOMING), self._pick(status__in=UPCOMING)
        if one is None or other is None or one.pk == other.pk:
            return "nothing"
        place, time_of_other = (one.employee_id, one.starts_at), other.starts_at
        aside = self._bring(one, one.employee_id, self._start())
        doctor = other.employee_id
        self._bring(other, *place)
        self._bring(aside, doctor, time_of_other)
        return "swapped"

    def cancel(self) -> str:
        seen = self._pick(status__in=UPCOMING)
        if seen is None:
            return "nothing"
        cancel_appointment(
            appointment_id=seen.pk,
            reason=CancelReason.ILLNESS,
            by_patient=False,
            actor_id=None,
            now=self.now,
        )
        free_cancelled(appointment_id=seen.pk, now=self.now)
        return "cancelled"

    def restore(self) -> str:
        seen = self._pick(status="CANCELLED")
        if seen is None:
            return "nothing"
        restore_appointment(appointment_id=seen.pk, actor_id=None, now=self.now)
        return "restored"

    def wait(self) -> str:
        terms = WaitTerms(
            until_on=(self.begins_at + WAITS).date(), branch_ids=[self.ground.branch_id]
        )
        order = WaitOrder(
            patient_id=self.dice.choice(self.ground.patient_ids),
            service_id=self.ground.visit_id,
            terms=terms,
            key=self._key(),
        )
        join_waitlist(order=order, actor_id=None, now=self.now)
        return "waits"

    def offer(self) -> str:
        close_offer_next(now=self.now)
        return "looked" if offer_next(now=self.now) else "nothing"

    def accept(self) -> str:
        pending = Offer.objects.filter(status=OfferStatus.PENDING).order_by("?").first()
        if pending is None:
            return "nothing"
        given = accept_offer(offer_id=pending.pk, by_patient=True, actor_id=None, now=self.now)
        self.toll.keys.append(given.key)
        return "accepted"

    def _send(self, order: BookingOrder) -> str:
        booked = book_appointment(order=order, actor_id=None, now=self.now)
        self.toll.keys.append(booked.key)
        return "booked"

    def _bring(self, seen: Appointment, employee_id: int, starts_at: datetime) -> Appointment:
        return move_appointment(
            appointment_id=seen.pk,
            starts_at=starts_at,
            employee_id=employee_id,
            version=seen.version,
            actor_id=None,
            now=self.now,
        )

    def _order(self, key: str) -> BookingOrder:
        return BookingOrder(
            patient_id=self.dice.choice(self.ground.patient_ids),
            service_id=self.dice.choice([self.ground.visit_id, self.ground.scan_id]),
            employee_id=self.dice.choice(self.ground.employee_ids),
            branch_id=self.ground.branch_id,
            starts_at=self._start(),
            key=key,
        )

    def _hold_of(self, order: BookingOrder, held_for: timedelta) -> HoldOrder:
        return HoldOrder(
            owner=order.key,
            service_id=order.service_id,
            employee_id=order.employee_id,
            branch_id=order.branch_id,
            starts_at=order.starts_at,
            held_for=held_for,
        )

    def _start(self) -> datetime:
        quarters = int(self.ground.cells * LASTS / GRID)
        return self.dice.choice(self.ground.days) + self.dice.randrange(quarters) * GRID

    def _key(self) -> str:
        self.orders += 1
        return f"storm-{self.number}-{self.orders}"

    def _pick(self, **wanted: object) -> Appointment | None:
        here = Appointment.objects.filter(branch_id=self.ground.branch_id)
        return here.filter(**wanted).order_by("?").first()


# As often as reception does it, about.
STEPS: list[Callable[[Client], str]] = [
    *[Client.book] * 3,
    Client.hold_and_book,
    Client.hold_and_leave,
    Client.expire,
    *[Client.move] * 2,
    Client.swap,
    *[Client.cancel] * 2,
    Client.restore,
    Client.wait,
    Client.offer,
    Client.accept,
]
