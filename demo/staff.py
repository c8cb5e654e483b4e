"""Branches, rooms, the price list and the people who work there, written to the database."""

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from clinic.models import (
    Branch,
    Device,
    Employee,
    OwnTerms,
    RepeatWith,
    Role,
    Room,
    Service,
    Setting,
    User,
)
from demo.catalogue import (
    CAST,
    DEVICES,
    HALLS,
    LARGE_BRANCH,
    LEGAL_ADDRESS,
    LEGAL_NAME,
    LICENSE,
    OFFERS,
    OWN_PRICES,
    PASSWORD,
    PREPARATION,
    REGISTRATION_NUMBER,
    REVIEW_SITES,
    SIGNATORY,
    SMALL_BRANCH,
    SOURCES,
    TAX_NUMBER,
    Address,
    Member,
    Post,
    list_addresses,
)
from demo.diary import Worker
from demo.names import make_name
from demo.people import phone_number
from feedback.models import ReviewSite
from patients.models import Source


@dataclass
class House:
    """One branch with those who take patients there; `reception` are users of its desk."""

    branch: Branch
    workers: list[Worker] = field(default_factory=list)
    reception: list[int] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return self.branch.zone


@dataclass
class Chain:
    """All branches with what they share: services by offer code, sources by their shares."""

    houses: list[House]
    services: dict[str, int]
    sources: list[int]
    cashier: int
    manager: Employee


def open_doors(dice: random.Random, *, branches: int, now: datetime) -> Chain:
    """Write the clinic without a patient, and return what the diaries need to know of it."""
    Setting.objects.update_or_create(
        pk=1,
        defaults={
            "legal_name": LEGAL_NAME,
            "license": LICENSE,
            "tax_number": TAX_NUMBER,
            "registration_number": REGISTRATION_NUMBER,
            "legal_address": LEGAL_ADDRESS,
            "signatory": SIGNATORY,
            "prepay_after_no_shows": 2,
        },
    )
    services = _add_services()
    addresses = enumerate(list_addresses(branches), start=1)
    houses = [_open_branch(address, number) for number, address in addresses]
    staff = _hire_cast(houses, now)
    for number, house in enumerate(houses):
        posts = SMALL_BRANCH if number % 2 else LARGE_BRANCH
        _equip(house, posts, services, staff, dice)
    _set_own_prices(staff, services)
    return Chain(
        houses=houses,
        services={code: service.pk for code, service in services.items()},
        sources=_add_sources(),
        cashier=houses[0].reception[0],
        manager=staff["viktor"],
    )


def _add_services() -> dict[str, Service]:
    return {
        offer.code: Service.objects.create(
            name=offer.name,
            kind=offer.kind,
            duration=timedelta(minutes=offer.minutes),
            price=offer.price,
            buffer_after=timedelta(minutes=offer.after),
            buffer_in_room=offer.after > 0,
            notice=timedelta(hours=offer.notice_hours),
            cancel_cutoff=timedelta(hours=offer.cutoff_hours),
            horizon_days=offer.horizon_days,
            is_online=offer.is_online,
            repeat_price=offer.repeat and offer.repeat[0],
            repeat_days=offer.repeat and offer.repeat[1],
            repeat_with=RepeatWith.SPECIALTY,
            preparation=PREPARATION.get(offer.code, ""),
        )
        for offer in OFFERS
    }


def _set_own_prices(staff: dict[str, Employee], services: dict[str, Service]) -> None:
    OwnTerms.objects.bulk_create(
        OwnTerms(employee=staff[username], service=services[code], price=price)
        for username, code, price in OWN_PRICES
    )


def _add_sources() -> list[int]:
    """Return source ids, each as many times as its share in per cent."""
    shares: list[int] = []
    for code, name, share in SOURCES:
        source, _ = Source.objects.get_or_create(code=code, defaults={"name": name})
        shares += [source.pk] * share
    return shares


def _open_branch(address: Address, number: int) -> House:
    """Phones of patients count up from zero, those of branches down: they never meet."""
    branch = Branch.objects.create(
        name=address.name,
        city=address.city,
        address=address.street,
        phone=phone_number(-number),
        time_zone=address.zone,
        opens_at=time(8),
        closes_at=time(21),
        directions=address.directions,
        map_url=address.map_url,
    )
    ReviewSite.objects.bulk_create(
        ReviewSite(branch=branch, name=name, url=url.format(branch.pk), position=position)
        for position, (name, url) in enumerate(REVIEW_SITES, start=1)
    )
    return House(branch)


def _hire_cast(houses: list[House], now: datetime) -> dict[str, Employee]:
    """One hash serves all: the password is public, and hashing is slow on purpose."""
    password = make_password(PASSWORD, salt="demo-clinic-crm-salt")
    staff: dict[str, Employee] = {}
    for member in CAST:
        user = User.objects.create(
            username=member.username,
            password=password,
            first_name=member.first,
            last_name=member.last,
            role=member.role,
            date_joined=now,
            is_staff=member.role in {Role.MANAGER, Role.MARKETER},
        )
        staff[member.username] = employee = _hire(member, user)
        places = houses if member.branch is None else [houses[member.branch]]
        employee.branches.set(house.branch for house in places)
        if member.role == Role.ADMINISTRATOR:
            places[0].reception.append(user.pk)
    return staff


def _hire(member: Member, user: User) -> Employee:
    return Employee.objects.create(
        user=user,
        last_name=member.last,
        first_name=member.first,
        middle_name=member.middle,
        position=member.post.title if member.post else member.title,
        email=f"{member.username}@clinic.example.org",
    )


def _equip(
    house: House,
    posts: tuple[Post, ...],
    services: dict[str, Service],
    staff: dict[str, Employee],
    dice: random.Random,
) -> None:
    """Give every post its room and its employee: one of the cast, or a newcomer."""
    known = {member.post: staff[member.username] for member in CAST if _works_at(member, house)}
    for post in posts:
        room = Room.objects.create(
            branch=house.branch, name=post.room, capacity=HALLS.get(post.room, 1)
        )
        for code in post.offers:
            services[code].rooms.add(room)
        employee = known.get(post) or _hire_stranger(post, house, dice)
        employee.services.set(services[code] for code in post.offers)
        devices = _install(house, post, services)
        house.workers.append(Worker(employee.pk, post, room.pk, devices))


def _install(house: House, post: Post, services: dict[str, Service]) -> dict[str, int]:
    """Give the post its devices; return their ids by the offers that need them."""
    needed: dict[str, int] = {}
    for name, capacity, codes in DEVICES:
        if set(codes) & set(post.offers):
            device = Device.objects.create(branch=house.branch, name=name, capacity=capacity)
            device.services.add(*(services[code] for code in codes))
            needed |= dict.fromkeys(codes, device.pk)
    return needed


def _works_at(member: Member, house: House) -> bool:
    return member.branch is not None and member.branch == house.branch.pk - 1


def _hire_stranger(post: Post, house: House, dice: random.Random) -> Employee:
    name = make_name(dice, sex=dice.choice("FM"))
    employee = Employee.objects.create(
        last_name=name.last,
        first_name=name.first,
        middle_name=name.middle,
        position=post.title,
    )
    employee.branches.set([house.branch])
    return employee
