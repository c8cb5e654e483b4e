"""A year of a branch, day by day: who was at work and who came to whom.

Every employee's day is walked from its start; each interval goes to one patient of the queue,
and a patient stands in one queue at a time. So nobody is booked twice by construction, and a
course follows its prescription in the right order.
"""

import random
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appointments.models import CancelReason
from demo.catalogue import BREAK_AFTER_HOURS, BREAK_MINUTES, OFFERS, Post
from demo.people import Person
from demo.plans import Line, Step, next_plan

HISTORY_DAYS = 365
DAYS_AHEAD = 14
PAUSE = timedelta(minutes=30)
MINUTES = {offer.code: timedelta(minutes=offer.minutes) for offer in OFFERS}
AFTER = {offer.code: timedelta(minutes=offer.after) for offer in OFFERS}
PRICES = {offer.code: offer.price for offer in OFFERS}
CHANCE_CANCELLED = 0.06
CHANCE_MISSED = 0.045
CHANCE_DROPPED = 0.01
CHANCE_LOST = 0.15
CHANCE_BACK = 0.6


@dataclass(frozen=True)
class Worker:
    """An employee who takes patients: always in the same room of the same branch.

    `devices` are those that the offers need; nobody else of the branch uses them.
    """

    id: int
    post: Post
    room_id: int
    devices: dict[str, int] = field(default_factory=dict, compare=False)


@dataclass
class Journey:
    """Where a patient stands: the steps to come, and the last moment we heard of each other."""

    person: Person
    steps: deque[Step]
    known_at: datetime
    prescription: int | None = None


@dataclass
class Course:
    """A prescription that was written, with its lines; `dropped_at` if the patient gave up."""

    id: int
    patient_id: int
    doctor_id: int
    appointment_id: int
    at: datetime
    lines: tuple[Line, ...]
    dropped_at: datetime | None = None


Row = tuple[object, ...]


@dataclass
class Diary:
    """The rows of one branch: `run()` fills them."""

    dice: random.Random
    now: datetime
    branch_id: int
    zone: ZoneInfo
    workers: list[Worker]
    services: dict[str, int]
    reception: list[int]
    next_appointment: int
    next_course: int
    shifts: list[Row] = field(default_factory=list)
    times_off: list[Row] = field(default_factory=list)
    appointments: list[Row] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.today = self.now.astimezone(self.zone).date()
        self.first_appointment = self.next_appointment
        self.first_course = self.next_course
        self._due: dict[date, list[Journey]] = defaultdict(list)
        self._queues: dict[tuple[str, ...], deque[Journey]] = {}
        self._queue_for: dict[str, deque[Journey]] = {}
        for worker in self.workers:
            queue = self._queues.setdefault(worker.post.offers, deque())
            self._queue_for |= dict.fromkeys(worker.post.offers, queue)
        self._open: dict[int, Course] = {}
        self._ends: list[datetime] = []

    def run(self, people: list[Person]) -> None:
        start = self.today - timedelta(days=HISTORY_DAYS)
        for person in people:
            self._arrive(person, start)
        for number in range(HISTORY_DAYS + DAYS_AHEAD + 1):
            day = start + timedelta(days=number)
            self._open_day(day)
            for worker in self.workers:
                for from_at, until_at in self._hours(worker, day):
                    self._fill(worker, day, from_at, until_at)

    def ends_at(self, appointment_id: int) -> datetime:
        """Return the end of one of the appointments written so far."""
        return self._ends[appointment_id - self.first_appointment]

    def _arrive(self, person: Person, start: date) -> None:
        journey = Journey(person, deque(), person.since + timedelta(minutes=5))
        came_on = person.since.astimezone(self.zone).date()
        if came_on < start:
            came_on = start + timedelta(days=self.dice.randint(-5, 120))
        self._plan(journey, came_on)

    def _plan(self, journey: Journey, day: date) -> None:
        has_orthopaedist = "ortho_first" in self._queue_for
        person = journey.person
        journey.steps.extend(
            next_plan(self.dice, is_child=person.is_child, has_orthopaedist=has_orthopaedist)
        )
        self._wait(journey, day)

    def _wait(self, journey: Journey, day: date, *, after: tuple[int, int] | None = None) -> None:
        days = self.dice.randint(*(after or journey.steps[0].after))
        self._due[day + timedelta(days=days)].append(journey)

    def _open_day(self, day: date) -> None:
        for journey in self._due.pop(day, ()):
            self._queue_for[journey.steps[0].offer].append(journey)

    # The hours

    def _hours(self, worker: Worker, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Write the shift of the day and return its two halves around the break."""
        if self._is_away(worker, day):
            return
        post = worker.post
        from_at = datetime.combine(day, post.opens, tzinfo=self.zone).astimezone(UTC)
        until_at = datetime.combine(day, post.closes, tzinfo=self.zone).astimezone(UTC)
        self.shifts.append((worker.id, self.branch_id, from_at, until_at))
        pause_at = from_at + timedelta(hours=BREAK_AFTER_HOURS)
        back_at = pause_at + timedelta(minutes=BREAK_MINUTES)
        self.times_off.append((worker.id, "BREAK", pause_at, back_at, ""))
        yield from_at, pause_at
        yield back_at, until_at

    def _is_away(self, worker: Worker, day: date) -> bool:
        ahead = (day - self.today).days
        is_away = ahead % 7 in worker.post.days_off
        for kind, first, days in self._absences(worker):
            if ahead == first:
                until = day + timedelta(days=days)
                period = (self._midnight(day), self._midnight(until))
                self.times_off.append((worker.id, kind, *period, ""))
            is_away |= first <= ahead < first + days
        return is_away

    def _absences(self, worker: Worker) -> Iterator[tuple[str, int, int]]:
        """Two weeks of vacation in the year, a cold in the winter, a training next week.

        Each with its first day, counted from today, and its length in days.
        """
        place = self.workers.index(worker)
        yield "VACATION", -300 + place * 37, 14
        yield "SICK_LEAVE", -40 - place * 29, 4
        if place == 1:
            yield "TRAINING", 8, 2

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)

    # The appointments

    def _fill(self, worker: Worker, day: date, from_at: datetime, until_at: datetime) -> None:
        queue, at = self._queues[worker.post.offers], from_at
        ahead = (day - self.today).days
        least_free = 0.08 if ahead < 0 else min(0.12 + 0.05 * ahead, 0.85)
        while queue and at < until_at:
            left = (until_at - at) / PAUSE
            if self.dice.random() < max(least_free, 1 - 1.3 * len(queue) / left):
                at += PAUSE
                continue
            journey = queue.popleft()
            offer = journey.steps[0].offer
            free_at = at + MINUTES[offer] + AFTER[offer]
            if free_at > until_at:
                queue.appendleft(journey)
                return
            if self._book(journey, worker, day, at):
                at = free_at

    def _book(self, journey: Journey, worker: Worker, day: date, at: datetime) -> bool:
        """Write the appointment and what follows from it; False when the interval stays free."""
        step = journey.steps[0]
        ends_at = at + MINUTES[step.offer]
        status, reason = self._outcome(at, ends_at)
        number, self.next_appointment = self.next_appointment, self.next_appointment + 1
        roll = self.dice.random()
        self._ends.append(ends_at)
        self.appointments.append(
            (
                *(number, journey.person.id, worker.id, self.branch_id, worker.room_id),
                *(self.services[step.offer], journey.person.source, at, ends_at, status),
                worker.devices.get(step.offer),
                *(AFTER[step.offer], AFTER[step.offer] > timedelta(0)),
                *(PRICES[step.offer], "", reason, status == "BOOKED" and roll < 0.015, 1),
                f"demo-{number}",
                self._booked_at(journey, at, roll),
                self.dice.choice(self.reception) if roll < 0.75 and self.reception else None,
            )
        )
        if status in {"CANCELLED", "NO_SHOW"}:
            self._lose(journey, day, ends_at, worker)
            return status == "NO_SHOW"
        self._follow(journey, number, worker, status, ends_at)
        self._go_on(journey, day, ends_at)
        return True

    def _outcome(self, at: datetime, ends_at: datetime) -> tuple[str, str]:
        roll = self.dice.random()
        if roll < CHANCE_CANCELLED:
            return "CANCELLED", self.dice.choices(*_CANCEL_REASONS)[0]
        if ends_at <= self.now:
            return ("NO_SHOW" if roll < CHANCE_CANCELLED + CHANCE_MISSED else "DONE"), ""
        if at <= self.now:
            return "IN_PROGRESS", ""
        ahead = at - self.now
        if ahead < timedelta(minutes=20):
            return ("ARRIVED" if roll < 0.5 else "CONFIRMED"), ""
        confirmed = 0.7 if ahead < timedelta(hours=22) else 0.12
        return ("CONFIRMED" if roll < confirmed else "BOOKED"), ""

    def _booked_at(self, journey: Journey, at: datetime, roll: float) -> datetime:
        """From an hour to nine days ahead, never before we knew the patient nor after now."""
        wished = at - timedelta(hours=1, minutes=int(13_000 * roll * roll))
        wished = max(wished, journey.known_at)
        return min(wished, self.now - timedelta(minutes=5 + int(600 * roll)))

    def _lose(self, journey: Journey, day: date, at: datetime, worker: Worker) -> None:
        """Most come another day; the rest are lost, and their course with them."""
        if at > self.now or self.dice.random() >= CHANCE_LOST:
            self._wait(journey, day, after=(2, 9))
        else:
            self._drop(journey, at)

    def _drop(self, journey: Journey, at: datetime) -> None:
        course = self._open.pop(journey.person.id, None)
        if course is not None and self.dice.random() < 0.8:
            course.dropped_at = min(at + timedelta(days=2), self.now)

    def _follow(
        self, journey: Journey, number: int, worker: Worker, status: str, ends_at: datetime
    ) -> None:
        """Keep the course: a consultation that took place opens it, a session belongs to it."""
        step = journey.steps.popleft()
        if step.line is not None:
            step.line.booked.append(number)
            step.line.attended += status == "DONE"
        if step.prescribes and status == "DONE":
            course = Course(
                *(self.next_course, journey.person.id, worker.id, number, ends_at),
                lines=step.prescribes,
            )
            self.next_course += 1
            self.courses.append(course)
            self._open[journey.person.id] = course
        elif step.prescribes:
            journey.steps.clear()

    def _go_on(self, journey: Journey, day: date, ends_at: datetime) -> None:
        journey.known_at = ends_at
        if not journey.steps:
            self._open.pop(journey.person.id, None)
            if ends_at <= self.now and self.dice.random() < CHANCE_BACK:
                self._plan(journey, day + timedelta(days=self.dice.randint(30, 120)))
        elif self.dice.random() < CHANCE_DROPPED:
            self._drop(journey, ends_at)
        else:
            self._wait(journey, day)


_CANCEL_REASONS = (
    [
        CancelReason.PATIENT_ASKED,
        CancelReason.ILLNESS,
        CancelReason.BY_LINK,
        CancelReason.EXPENSIVE,
        CancelReason.WENT_ELSEWHERE,
        CancelReason.DOCTOR_ABSENT,
    ],
    [40, 20, 25, 6, 5, 4],
)

SHIFT_COLUMNS = ("employee_id", "branch_id", "starts_at", "ends_at")
TIME_OFF_COLUMNS = ("employee_id", "kind", "starts_at", "ends_at", "note")
APPOINTMENT_COLUMNS = (
    *("id", "patient_id", "employee_id", "branch_id", "room_id", "service_id", "source_id"),
    *("starts_at", "ends_at", "status", "device_id", "buffer_after", "buffer_in_room"),
    *("price", "note", "cancel_reason", "wants_move"),
    *("version", "key", "created_at", "created_by_id"),
)
