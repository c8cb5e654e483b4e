"""An oracle that finds free times minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appointments.models import Appointment
from appointments.queries import Slot
from clinic.models import Closure, Employee
from tests.appointments.slot_plans import MINUTE, SHORT, Plan, World


def on_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The database's reading: skipped times by the old offset, doubled ones by the new."""
    late = datetime.combine(day, clock, tzinfo=zone).replace(fold=1)
    exists = late.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == late.replace(tzinfo=None)
    return (late if exists else late.replace(fold=0)).astimezone(UTC)


def covers(periods: list[tuple[datetime, datetime]], moment: datetime) -> bool:
    return any(starts <= moment < ends for starts, ends in periods)


def with_buffers(booked: Appointment) -> tuple[datetime, datetime]:
    return booked.starts_at - booked.buffer_before, booked.ends_at + booked.buffer_after


def in_place(booked: Appointment) -> tuple[datetime, datetime]:
    return with_buffers(booked) if booked.buffer_in_room else (booked.starts_at, booked.ends_at)


def list_hours(plan: Plan, day: date) -> list[tuple[time, time]]:
    special = plan.special if day == plan.place[1] else ""
    if special == "CLOSED":
        return []
    return [SHORT if special == "SHORT" else (plan.opens, plan.closes)]


def list_shut(world: World) -> dict[tuple[int | None, int | None], list[tuple[datetime, datetime]]]:
    """When each room and the device are closed, by their ids."""
    things = [*((room.pk, None) for room in world.rooms), (None, world.device.pk)]
    closures = list(Closure.objects.all())
    return {
        thing: [(c.starts_at, c.ends_at) for c in closures if (c.room_id, c.device_id) == thing]
        for thing in things
    }


class Oracle:
    """What a careful person with a pencil would find."""

    def __init__(self, plan: Plan, world: World) -> None:
        self.plan, self.world, self.zone = plan, world, world.branch.zone
        days = [plan.place[1] + timedelta(days=shift) for shift in (-2, -1, 0, 1, 2)]
        self.open = [
            (on_clock(day, opens, self.zone), on_clock(day, closes, self.zone))
            for day in days
            for opens, closes in list_hours(plan, day)
        ]
        shut = list_shut(world)
        booked = list(Appointment.objects.all())
        self.busy = {
            doctor.pk: [with_buffers(a) for a in booked if a.employee_id == doctor.pk]
            for doctor in world.doctors
        }
        self.elsewhere = [
            (a.starts_at, a.ends_at) for a in booked if a.patient_id == world.patient.pk
        ]
        places = [(a, in_place(a)) for a in booked]
        self.occupied = {
            (room.pk, unit): [
                stretch for a, stretch in places if a.room_id == room.pk and a.room_unit == unit
            ]
            + shut[room.pk, None]
            for room in world.rooms
            for unit in range(1, plan.capacity + 1)
        }
        self.in_use = [
            [stretch for a, stretch in places if a.device_id and a.device_unit == unit]
            + shut[None, world.device.pk]
            for unit in range(1, plan.devices + 1)
        ]
        self.worked = {
            doctor.pk: [(s.starts_at, s.ends_at) for s in doctor.shifts.all()]
            for doctor in world.doctors
        }
        self.away = {
            doctor.pk: [(t.starts_at, t.ends_at) for t in doctor.times_off.all()]
            for doctor in world.doctors
        }

    def sees_patients(self, doctor: int, minute: datetime) -> bool:
        return (
            covers(self.worked[doctor], minute)
            and covers(self.open, minute)
            and not covers(self.away[doctor], minute)
            and not covers(self.busy[doctor], minute)
        )

    def find_room(self, minutes: list[datetime]) -> tuple[bool, int | None]:
        if not self.plan.has_rooms:
            return True, None
        for (room_id, _unit), occupied in self.occupied.items():
            if not any(covers(occupied, minute) for minute in minutes):
                return True, room_id
        return False, None

    def has_device(self, minutes: list[datetime]) -> bool:
        return not self.plan.devices or any(
            not any(covers(taken, minute) for minute in minutes) for taken in self.in_use
        )

    def list_slots(self) -> list[Slot]:
        plan = self.plan
        earliest = plan.now_minute + (plan.notice if plan.by_patient else 0)
        return [
            slot
            for start in range(max(plan.from_minute, earliest), plan.until_minute)
            if not self.is_too_far(plan.moment(start))
            if self.is_wanted(plan.moment(start))
            for number, doctor in enumerate(self.world.doctors)
            if self.is_wanted_of(number)
            and (slot := self.find_slot(start, doctor, (number and plan.own_duration) or None))
        ]

    def is_wanted_of(self, number: int) -> bool:
        asked = self.plan.asked
        return (not asked.who or number in asked.who) and (not asked.is_rare or number == 1)

    def is_wanted(self, start: datetime) -> bool:
        asked, local = self.plan.asked, start.astimezone(self.zone)
        return (
            (not asked.weekdays or local.isoweekday() in asked.weekdays)
            and (asked.clock_from is None or local.time() >= asked.clock_from)
            and (asked.clock_until is None or local.time() < asked.clock_until)
        )

    def rank(self, slot: Slot) -> tuple[timedelta, int, datetime, int]:
        """How a start fills the day: minutes wasted, pieces of use left, the start, the doctor.

        From the visit outwards minute by minute until somebody or something stands in the way.
        """
        plan, doctor = self.plan, slot.employee_id
        first = slot.starts_at - plan.before * MINUTE
        last = slot.ends_at + plan.after * MINUTE
        now = plan.moment(plan.now_minute)
        ahead = behind = timedelta(0)
        while first - ahead > now and self.sees_patients(doctor, first - ahead - MINUTE):
            ahead += MINUTE
        while self.sees_patients(doctor, last + behind):
            behind += MINUTE
        shortest = self.shortest(doctor)
        is_passing = first - ahead == now
        waste = [
            piece
            for piece, is_lost in ((ahead, not is_passing), (behind, True))
            if piece < shortest and is_lost
        ]
        pieces = (ahead >= shortest) + (behind >= shortest)
        return sum(waste, timedelta(0)), pieces, slot.starts_at, doctor

    def shortest(self, doctor: int) -> timedelta:
        plan = self.plan
        own = plan.own_duration if doctor == self.world.doctors[1].pk else None
        lengths = [plan.before + (own or plan.duration) + plan.after]
        if plan.shorter:
            lengths.append(plan.shorter + 5)
        return min(lengths) * MINUTE

    def is_too_far(self, start: datetime) -> bool:
        if not self.plan.by_patient or self.plan.horizon_days is None:
            return False
        today = self.plan.moment(self.plan.now_minute).astimezone(self.zone).date()
        last = today + timedelta(days=self.plan.horizon_days)
        return start.astimezone(self.zone).date() > last

    def find_slot(self, start: int, doctor: Employee, own_duration: int | None) -> Slot | None:
        plan = self.plan
        duration = own_duration or plan.duration
        wall = plan.moment(start).astimezone(self.zone)
        step = 15 if (plan.before + duration + plan.after) % 30 else 30
        if (wall.hour * 60 + wall.minute) % step or start - plan.before < plan.now_minute:
            return None
        visit = [plan.moment(minute) for minute in range(start, start + duration)]
        first, last = start - plan.before, start + duration + plan.after
        whole = [plan.moment(minute) for minute in range(first, last)]
        needed = whole if plan.in_room else visit
        has_room, room_id = self.find_room(needed)
        has_room = has_room and self.has_device(needed)
        is_free = all(self.sees_patients(doctor.pk, minute) for minute in whole)
        if not (has_room and is_free) or any(covers(self.elsewhere, minute) for minute in visit):
            return None
        return Slot(
            employee_id=doctor.pk,
            branch_id=self.world.branch.pk,
            room_id=room_id,
            starts_at=plan.moment(start),
            ends_at=plan.moment(start + duration),
        )
