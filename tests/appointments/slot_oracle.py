"""An oracle that finds free times minute by minute, and the plans to ask it about."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from appointments.models import Appointment
from appointments.queries import Slot
from clinic.models import Branch, Device, Employee, OwnTerms, Room, Service, Shift, TimeOff
from patients.models import Patient
from tests.factories import (
    make_branch,
    make_device,
    make_employee,
    make_patient,
    make_room,
    make_service,
)

MINUTE = timedelta(minutes=1)
LENGTH = timedelta(hours=30)  # of the stretch that is walked: a day with both ends of a night

# An ordinary day, both changes of the clock, a zone off the hour, a change by half an hour.
PLACES = [
    ("Europe/Moscow", date(2026, 12, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Asia/Kathmandu", date(2026, 12, 1)),
    ("Asia/Novosibirsk", date(2026, 12, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
]


@dataclass(frozen=True)
class Stretch:
    """Half-open, in minutes from the beginning of the walk; `who` and `where` are indices.

    As a booking it may be the patient's own, and has buffers.
    """

    start: int
    length: int
    who: int = 0
    where: int = 0
    is_own: bool = False
    before: int = 0
    after: int = 0
    in_room: bool = False
    unit: int = 1
    has_device: bool = False


@dataclass(frozen=True)
class Plan:
    place: tuple[str, date]
    opens: time
    closes: time
    duration: int
    has_rooms: bool
    shifts: list[Stretch]
    times_off: list[Stretch]
    booked: list[Stretch]
    from_minute: int
    until_minute: int
    now_minute: int
    before: int
    after: int
    in_room: bool
    own_duration: int | None
    by_patient: bool
    notice: int
    horizon_days: int | None
    capacity: int
    devices: int
    begin: datetime = field(init=False)

    def __post_init__(self) -> None:
        zone = ZoneInfo(self.place[0])
        local = datetime.combine(self.place[1], time(), tzinfo=zone)
        object.__setattr__(self, "begin", local.astimezone(UTC) - timedelta(hours=3))

    def moment(self, minute: int) -> datetime:
        return self.begin + minute * MINUTE


def stretches(*, shortest: int, longest: int, most: int) -> st.SearchStrategy[list[Stretch]]:
    minutes = int(LENGTH / MINUTE)
    return st.lists(
        st.builds(
            Stretch,
            start=st.integers(0, minutes // 5).map(lambda step: step * 5),
            length=st.integers(shortest // 5, longest // 5).map(lambda step: step * 5),
            who=st.integers(0, 1),
            where=st.integers(0, 1),
            is_own=st.booleans(),
            before=st.sampled_from([0, 0, 10]),
            after=st.sampled_from([0, 0, 15]),
            in_room=st.booleans(),
            unit=st.integers(1, 2),
            has_device=st.booleans(),
        ),
        max_size=most,
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    minutes = int(LENGTH / MINUTE)
    opens = draw(st.integers(0, 12 * 4).map(lambda quarter: quarter * 15))
    closes = draw(st.integers(opens // 15 + 1, 24 * 4 - 1).map(lambda quarter: quarter * 15))
    from_minute = draw(st.one_of(st.just(0), st.integers(0, minutes)))
    until_minute = draw(st.one_of(st.just(minutes), st.integers(from_minute, minutes)))
    first_shift = Stretch(
        start=draw(st.integers(0, 100)) * 5, length=720, who=draw(st.integers(0, 1))
    )
    return Plan(
        place=draw(st.sampled_from(PLACES)),
        opens=time(*divmod(opens, 60)),
        closes=time(*divmod(closes, 60)),
        duration=draw(st.sampled_from([10, 15, 20, 30, 40, 45, 60, 90])),
        has_rooms=draw(st.booleans()),
        shifts=[first_shift, *draw(stretches(shortest=5, longest=900, most=3))],
        times_off=draw(stretches(shortest=5, longest=120, most=3)),
        booked=draw(stretches(shortest=5, longest=90, most=8)),
        from_minute=from_minute,
        until_minute=until_minute,
        now_minute=draw(st.one_of(st.just(-10), st.integers(0, minutes))),
        before=draw(st.sampled_from([0, 0, 5, 15])),
        after=draw(st.sampled_from([0, 0, 10, 30])),
        in_room=draw(st.booleans()),
        own_duration=draw(st.sampled_from([None, None, 20, 50])),
        by_patient=draw(st.booleans()),
        notice=draw(st.sampled_from([0, 0, 90])),
        horizon_days=draw(st.sampled_from([None, None, 0, 1])),
        capacity=draw(st.sampled_from([1, 1, 2])),
        devices=draw(st.sampled_from([0, 1, 2])),
    )


@dataclass(frozen=True)
class World:
    branch: Branch
    rooms: list[Room]
    device: Device
    service: Service
    doctors: list[Employee]
    patient: Patient


def build(plan: Plan) -> World:
    """Write the plan down; what the database's own rules refuse is left out."""
    branch = make_branch(time_zone=plan.place[0], opens_at=plan.opens, closes_at=plan.closes)
    rooms = [make_room(branch, capacity=plan.capacity) for _ in range(2)]
    device = make_device(branch, capacity=plan.devices or 1)
    service = make_service(
        rooms=rooms if plan.has_rooms else [],
        duration=plan.duration * MINUTE,
        buffer_before=plan.before * MINUTE,
        buffer_after=plan.after * MINUTE,
        buffer_in_room=plan.in_room,
        notice=plan.notice * MINUTE,
        horizon_days=plan.horizon_days,
    )
    doctors = [make_employee(branches=[branch], services=[service]) for _ in range(2)]
    if plan.own_duration:
        OwnTerms.objects.create(
            employee=doctors[1], service=service, duration=plan.own_duration * MINUTE
        )
    for number, stretch in enumerate(plan.shifts):
        shift = Shift(
            pk=number + 1,
            employee=doctors[stretch.who],
            branch=branch,
            starts_at=plan.moment(stretch.start),
            ends_at=plan.moment(stretch.start + stretch.length),
        )
        Shift.objects.bulk_create([shift], ignore_conflicts=True)
    for stretch in plan.times_off:
        TimeOff.objects.create(
            employee=doctors[stretch.who],
            kind=TimeOff.Kind.BREAK,
            starts_at=plan.moment(stretch.start),
            ends_at=plan.moment(stretch.start + stretch.length),
        )
    if plan.devices:
        service.devices.add(device)
    world = World(branch, rooms, device, service, doctors, make_patient())
    write_bookings(plan, world)
    return world


def write_bookings(plan: Plan, world: World) -> None:
    for number, stretch in enumerate(plan.booked):
        appointment = Appointment(
            patient=world.patient if stretch.is_own else make_patient(),
            employee=world.doctors[stretch.who],
            branch=world.branch,
            room=world.rooms[stretch.where],
            room_unit=min(stretch.unit, plan.capacity),
            device=world.device if stretch.has_device and plan.devices else None,
            device_unit=min(stretch.unit, plan.devices or 1),
            service=world.service,
            starts_at=plan.moment(stretch.start),
            ends_at=plan.moment(stretch.start + stretch.length),
            buffer_before=stretch.before * MINUTE,
            buffer_after=stretch.after * MINUTE,
            buffer_in_room=stretch.in_room,
            price=0,
            key=f"booked-{number}",
            created_at=plan.begin,
        )
        Appointment.objects.bulk_create([appointment], ignore_conflicts=True)


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


class Oracle:
    """What a careful person with a pencil would find."""

    def __init__(self, plan: Plan, world: World) -> None:
        self.plan, self.world, self.zone = plan, world, world.branch.zone
        days = [plan.place[1] + timedelta(days=shift) for shift in (-2, -1, 0, 1, 2)]
        self.open = [
            (on_clock(day, plan.opens, self.zone), on_clock(day, plan.closes, self.zone))
            for day in days
        ]
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
            for room in world.rooms
            for unit in range(1, plan.capacity + 1)
        }
        self.in_use = [
            [stretch for a, stretch in places if a.device_id and a.device_unit == unit]
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
            for number, doctor in enumerate(self.world.doctors)
            if (slot := self.find_slot(start, doctor, (number and plan.own_duration) or None))
        ]

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
