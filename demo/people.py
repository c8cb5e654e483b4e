"""Patients of one branch: families, contacts, consents, as rows ready for COPY."""

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from clinic.names import fold
from demo.names import MALE_NAMES, SURNAMES, Name, latin, make_name

PHONE_BLOCK = 79_430_000_000
"""Codes 943–948 belong to no operator: nobody can be called by mistake."""
PHONE_BLOCK_SIZE = 60_000_000
PHONE_STRIDE = 7_654_321  # no common factor with the size: every patient gets another number

MAIL_HOSTS = ("example.org", "example.ru", "mail.example.org", "post.example.ru")
CHILD_UNTIL = 16
CONSENT_TEXT = {
    "PERSONAL_DATA": "Согласие на обработку персональных данных, форма от 01.09.2025.",
    "MARKETING": "Согласие на получение рекламных сообщений, форма от 01.09.2025.",
}
REFUSALS = ("Дорого", "Далеко ездить", "Переезд", "Лечится в другой клинике", "Нет времени")


@dataclass(slots=True)
class Person:
    """A patient to be: `guardian` is whose phone a child has, `partner` who shares a phone."""

    id: int
    name: Name
    born: date
    since: datetime
    source: int
    phone: str
    owner: str = "OWN"
    email: str = ""
    relatives: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_child(self) -> bool:
        return self.owner == "GUARDIAN"


def phone_number(number: int) -> str:
    """Return the `number`-th phone of the demo, in E.164."""
    return f"+{PHONE_BLOCK + number * PHONE_STRIDE % PHONE_BLOCK_SIZE}"


@dataclass
class Newcomers:
    """When people first come: more each month, fewer in summer and on Sundays."""

    dice: random.Random
    zone: ZoneInfo
    today: date
    days: int

    def __post_init__(self) -> None:
        start = self.today - timedelta(days=self.days)
        self.start = start
        weights = (self._weight(start + timedelta(days=n), n / self.days) for n in range(self.days))
        self.steps = list(accumulate(weights))

    @staticmethod
    def _weight(day: date, progress: float) -> float:
        summer = 0.75 if day.month in {6, 7, 8} else 1.0
        sunday = 0.6 if day.weekday() == 6 else 1.0
        return (0.8 + 0.5 * progress) * summer * sunday

    def pick(self) -> datetime:
        """Two in five were patients before the history began."""
        if self.dice.random() < 0.4:
            day = self.start - timedelta(days=self.dice.randint(1, 900))
        else:
            roll = self.dice.random() * self.steps[-1]
            day = self.start + timedelta(days=bisect(self.steps, roll))
        at = time(self.dice.randint(9, 19), self.dice.randint(0, 59))
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def make_people(
    dice: random.Random, newcomers: Newcomers, *, first_id: int, count: int, sources: list[int]
) -> list[Person]:
    """Return `count` people with ids from `first_id`; three in ten belong to a family.

    `sources` is a list of source ids in which each stands as often as it should come up.
    """
    people: list[Person] = []
    while len(people) < count:
        stem = dice.choice(SURNAMES)
        member = _Maker(dice, newcomers, sources, first_id + len(people))
        roll = dice.random()
        if roll < 0.84:
            family = [member.adult("F" if dice.random() < 0.62 else "M", stem)]
        elif roll < 0.9:
            family = member.couple(stem)
        else:
            family = member.parent_with_children(stem)
        people += family[: count - len(people)]
    last_id = first_id + count - 1
    for person in people:
        person.relatives = [(other, kind) for other, kind in person.relatives if other <= last_id]
    return people


@dataclass
class _Maker:
    dice: random.Random
    newcomers: Newcomers
    sources: list[int]
    next_id: int

    def adult(self, sex: str, stem: str) -> Person:
        age = min(88, max(19, round(self.dice.gauss(43, 14))))
        return self._person(make_name(self.dice, sex=sex, stem=stem), age)

    def couple(self, stem: str) -> list[Person]:
        """Spouses: one in two couples left one number for both."""
        wife, husband = self.adult("F", stem), self.adult("M", stem)
        wife.relatives.append((husband.id, "SPOUSE"))
        husband.relatives.append((wife.id, "SPOUSE"))
        if self.dice.random() < 0.5:
            husband.phone, husband.owner, husband.email = wife.phone, "RELATIVE", ""
        return [wife, husband]

    def parent_with_children(self, stem: str) -> list[Person]:
        """A mother with one or two children who are reached by her phone."""
        mother = self.adult("F", stem)
        age = self.dice.randint(27, 45)
        mother.born = self._birth(age)
        family, father = [mother], self.dice.choice(list(MALE_NAMES))
        for _ in range(self.dice.choice((1, 1, 2))):
            sex = self.dice.choice("FM")
            name = make_name(self.dice, sex=sex, stem=stem, father=father)
            child = self._person(name, self.dice.randint(3, min(CHILD_UNTIL - 1, age - 22)))
            child.phone, child.owner, child.email = mother.phone, "GUARDIAN", ""
            child.since = self._brought(child, mother)
            child.relatives.append((mother.id, "PARENT"))
            mother.relatives.append((child.id, "CHILD"))
            family.append(child)
        return family

    def _brought(self, child: Person, mother: Person) -> datetime:
        """A child comes with the mother, or later if it is too young yet."""
        first_birthday = datetime.combine(child.born, time(12), tzinfo=UTC) + timedelta(days=365)
        return max(mother.since + timedelta(minutes=5), first_birthday)

    def _person(self, name: Name, age: int) -> Person:
        person = Person(
            id=self.next_id,
            name=name,
            born=self._birth(age),
            since=self.newcomers.pick(),
            source=self.dice.choice(self.sources),
            phone=phone_number(self.next_id),
        )
        if self.dice.random() < 0.6:
            host = self.dice.choice(MAIL_HOSTS)
            person.email = f"{latin(name.first)}.{latin(name.last)}{person.id}@{host}"
        self.next_id += 1
        return person

    def _birth(self, age: int) -> date:
        return self.newcomers.today - timedelta(days=age * 365 + self.dice.randint(10, 350))


def patient_rows(
    dice: random.Random, people: list[Person], *, branch_id: int
) -> Iterator[tuple[object, ...]]:
    for person in people:
        status, reason = _attitude(dice)
        channel = "EMAIL" if person.email and dice.random() < 0.3 else "SMS"
        name = person.name
        yield (
            *(
                person.id,
                name.last,
                name.first,
                name.middle,
                fold(name.full),
                person.born,
                name.sex,
            ),
            *(branch_id, person.source, channel, "ru", status, reason, "", True, person.since),
        )


PATIENT_COLUMNS = (
    *("id", "last_name", "first_name", "middle_name", "name_key", "birth_on", "sex"),
    *("branch_id", "source_id", "channel", "language", "status", "refusal_reason", "note"),
    *("is_reachable", "created_at"),
)


def _attitude(dice: random.Random) -> tuple[str, str]:
    roll = dice.random()
    if roll < 0.86:
        return "NONE", ""
    if roll < 0.91:
        return "INTERESTED", ""
    if roll < 0.95:
        return "EXPENSIVE", ""
    if roll < 0.98:
        return "NOT_NOW", ""
    return "REFUSED", dice.choice(REFUSALS)


CONTACT_COLUMNS = ("patient_id", "kind", "value", "owner", "is_primary", "is_valid")


def contact_rows(people: list[Person]) -> Iterator[tuple[object, ...]]:
    for person in people:
        yield person.id, "PHONE", person.phone, person.owner, True, True
        if person.email:
            yield person.id, "EMAIL", person.email, "OWN", True, True


RELATION_COLUMNS = ("patient_id", "relative_id", "kind")


def relation_rows(people: list[Person]) -> Iterator[tuple[object, ...]]:
    for person in people:
        for relative, kind in person.relatives:
            yield person.id, relative, kind


CONSENT_COLUMNS = (
    *("patient_id", "purpose", "channel", "action", "origin", "text", "at", "recorded_at"),
)


def consent_rows(
    dice: random.Random, people: list[Person], *, now: datetime
) -> Iterator[tuple[object, ...]]:
    """Nearly all let us keep their data, two in three want offers, some of them think again."""
    for person in people:
        if dice.random() < 0.03:
            continue
        yield _consent(person.id, "PERSONAL_DATA", "", "GIVEN", "DESK", person.since)
        for channel, share in (("SMS", 0.68), ("EMAIL", 0.6 if person.email else 0.0)):
            if dice.random() >= share:
                continue
            origin = "DESK" if dice.random() < 0.8 else "LINK"
            yield _consent(person.id, "MARKETING", channel, "GIVEN", origin, person.since)
            if dice.random() < 0.06:
                at = person.since + (now - person.since) * dice.random()
                yield _consent(person.id, "MARKETING", channel, "WITHDRAWN", "LINK", at)


def _consent(
    patient_id: int, purpose: str, channel: str, action: str, origin: str, at: datetime
) -> tuple[object, ...]:
    text = CONSENT_TEXT[purpose] if action == "GIVEN" else ""
    return patient_id, purpose, channel, action, origin, text, at, at
