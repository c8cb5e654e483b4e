"""Plans of a clinic and of a search in it, and how they are written into the database."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from appointments.models import Appointment
from clinic.models import (
    Branch,
    BranchDay,
    Closure,
    Device,
    Employee,
    OwnTerms,
    Room,
    Service,
    Shift,
    TimeOff,
)
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
COMMON, RARE = "терапевт", "остеопат"
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
class Asked:
    """What narrows the search; `who` are indices of doctors, the second is of a rare specialty."""

    who: tuple[int, ...]
    is_rare: bool
    weekdays: tuple[int, ...]
    clock_from: time | None
    clock_until: time | None


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
    asked: Asked
    shorter: int | None
    closed: list[Stretch]
    special: str
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


NOTHING = Asked(who=(), is_rare=False, weekdays=(), clock_from=None, clock_until=None)


def wishes() -> st.SearchStrategy[Asked]:
    clocks = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(*divmod(quarter * 15, 60)))
    return st.builds(
        Asked,
        who=st.sampled_from([(), (), (0,), (1,), (0, 1)]),
        is_rare=st.sampled_from([False, False, False, True]),
        weekdays=st.sampled_from([(), (), (), (6, 7), (1, 2, 3), (2,), (7,)]),
        clock_from=st.none() | clocks,
        clock_until=st.none() | clocks,
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
        asked=draw(st.just(NOTHING) | wishes()),
        shorter=draw(st.sampled_from([None, 5, 25])),
        closed=draw(stretches(shortest=5, longest=600, most=2)),
        special=draw(st.sampled_from(["", "", "OPEN", "SHORT", "CLOSED"])),
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
    doctors = hire(plan, branch, service)
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
    write_closed(plan, branch, rooms, device)
    world = World(branch, rooms, device, service, doctors, make_patient())
    write_bookings(plan, world)
    return world


def hire(plan: Plan, branch: Branch, service: Service) -> list[Employee]:
    """Two doctors, the second of a rare specialty and perhaps of his own pace."""
    offered = [service]
    if plan.shorter:
        offered.append(make_service(duration=plan.shorter * MINUTE, buffer_after=5 * MINUTE))
    doctors = [
        make_employee(branches=[branch], services=offered, position=position)
        for position in (COMMON, RARE)
    ]
    if plan.own_duration:
        OwnTerms.objects.create(
            employee=doctors[1], service=service, duration=plan.own_duration * MINUTE
        )
    return doctors


SHORT = time(10), time(16)


def write_closed(plan: Plan, branch: Branch, rooms: list[Room], device: Device) -> None:
    """The day of the plan is decided about, rooms and the device are closed for a time."""
    if plan.special:
        opens, closes = SHORT if plan.special == "SHORT" else (None, None)
        BranchDay.objects.create(
            branch=branch, on=plan.place[1], kind=plan.special, opens_at=opens, closes_at=closes
        )
    for number, stretch in enumerate(plan.closed):
        closure = Closure(
            pk=number + 1,
            room=None if stretch.has_device else rooms[stretch.where],
            device=device if stretch.has_device else None,
            starts_at=plan.moment(stretch.start),
            ends_at=plan.moment(stretch.start + stretch.length),
        )
        Closure.objects.bulk_create([closure], ignore_conflicts=True)


def is_closed(world: World, stretch: Stretch, plan: Plan, *, has_device: bool) -> bool:
    """The database refuses what is booked into a closed place, buffers included."""
    before, after = (stretch.before, stretch.after) if stretch.in_room else (0, 0)
    starts_at = plan.moment(stretch.start - before)
    ends_at = plan.moment(stretch.start + stretch.length + after)
    return any(
        closure.starts_at < ends_at
        and starts_at < closure.ends_at
        and (has_device if closure.device_id else closure.room_id == world.rooms[stretch.where].pk)
        for closure in Closure.objects.all()
    )


def write_bookings(plan: Plan, world: World) -> None:
    for number, stretch in enumerate(plan.booked):
        has_device = stretch.has_device and bool(plan.devices)
        if is_closed(world, stretch, plan, has_device=has_device):
            continue
        appointment = Appointment(
            patient=world.patient if stretch.is_own else make_patient(),
            employee=world.doctors[stretch.who],
            branch=world.branch,
            room=world.rooms[stretch.where],
            room_unit=min(stretch.unit, plan.capacity),
            device=world.device if has_device else None,
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
