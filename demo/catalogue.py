"""What the demo clinic has: addresses, posts, rooms, the price list, sources, the cast."""

from dataclasses import dataclass
from datetime import time

from clinic.models import Role
from clinic.models import ServiceKind as Kind


@dataclass(frozen=True)
class Offer:
    """A line of the price list: minutes and roubles, and the rules by which it is booked.

    `after` are minutes that the employee and the room stay taken; `repeat` is the price of a repeat
    visit and the days within which it is one.
    """

    code: str
    kind: Kind
    name: str
    minutes: int
    price: int
    after: int = 0
    notice_hours: int = 0
    cutoff_hours: int = 0
    horizon_days: int | None = None
    is_online: bool = True
    repeat: tuple[int, int] | None = None


PREPARATION = {
    "scan_neck": "Наденьте одежду с открытым воротом. Специально готовиться не нужно.",
    "scan_joint": "Возьмите прежние снимки и заключения, если они есть.",
    "osteopathy": "Приходите в удобной одежде. За два часа до визита не ешьте плотно.",
    "exercise_single": "Возьмите спортивную форму и сменную обувь. Раздевалка и душ есть.",
    "exercise_injury": "Возьмите спортивную форму, сменную обувь и выписку, если она есть.",
    "feet": "Возьмите обувь, которую носите чаще всего.",
}
"""What patients read about a service before they come; by code of the offer."""

OFFERS = (
    Offer(
        "neuro_first", Kind.CONSULTATION, "Приём невролога, первичный", 60, 3400, repeat=(2600, 30)
    ),
    Offer("neuro_again", Kind.CONSULTATION, "Приём невролога, повторный", 30, 2600),
    Offer("ortho_first", Kind.CONSULTATION, "Приём ортопеда, первичный", 45, 3200),
    Offer("ortho_again", Kind.CONSULTATION, "Приём ортопеда, повторный", 30, 2400),
    Offer("control", Kind.CONSULTATION, "Контрольный осмотр после курса", 30, 1800),
    Offer("child_first", Kind.CONSULTATION, "Приём детского ортопеда", 45, 3000),
    Offer("massage_back", Kind.MASSAGE, "Массаж спины", 30, 1900),
    Offer("massage_neck", Kind.MASSAGE, "Массаж шейно-воротниковой зоны", 30, 1700),
    Offer("massage_full", Kind.MASSAGE, "Общий массаж", 60, 3600),
    Offer("massage_child", Kind.MASSAGE, "Детский массаж", 30, 1600),
    Offer("massage_sport", Kind.MASSAGE, "Спортивный массаж", 60, 3900, horizon_days=30),
    Offer("massage_lymph", Kind.MASSAGE, "Лимфодренажный массаж", 60, 3700),
    Offer("massage_legs", Kind.MASSAGE, "Массаж ног", 30, 1800),
    Offer("manual_back", Kind.MANUAL_THERAPY, "Мануальная терапия, сеанс", 45, 3800, after=15),
    Offer("manual_neck", Kind.MANUAL_THERAPY, "Мануальная терапия, шейный отдел", 30, 2900),
    Offer(
        "osteopathy", Kind.MANUAL_THERAPY, "Остеопатия, сеанс", 60, 5200, after=15, cutoff_hours=4
    ),
    Offer("taping", Kind.MANUAL_THERAPY, "Кинезиотейпирование", 30, 1500),
    Offer("exercise_single", Kind.EXERCISE, "ЛФК, индивидуальное занятие", 45, 2500),
    Offer("exercise_injury", Kind.EXERCISE, "ЛФК после травмы", 45, 2700),
    Offer("exercise_sling", Kind.EXERCISE, "Занятие на подвесной системе", 60, 3000),
    Offer("exercise_child", Kind.EXERCISE, "ЛФК для детей", 30, 1800),
    Offer("scan_neck", Kind.DIAGNOSTICS, "УЗИ сосудов шеи", 30, 2900),
    Offer("scan_joint", Kind.DIAGNOSTICS, "УЗИ сустава", 30, 2400, notice_hours=2),
    Offer("posture", Kind.DIAGNOSTICS, "Компьютерная оценка осанки", 30, 2100, is_online=False),
    Offer("feet", Kind.DIAGNOSTICS, "Плантоскопия", 30, 1200),
)


@dataclass(frozen=True)
class Post:
    """A position in a branch: its room, working hours, and the two days off in every seven.

    Days are counted from today, so that today everyone is at work whatever the weekday.
    """

    code: str
    title: str
    room: str
    opens: time
    closes: time
    days_off: tuple[int, int]
    offers: tuple[str, ...]


NEUROLOGIST = Post(
    "neurologist",
    "Врач-невролог",
    "Кабинет невролога",
    time(9),
    time(18),
    (4, 5),
    ("neuro_first", "neuro_again", "control", "scan_neck"),
)
ORTHOPAEDIST = Post(
    "orthopaedist",
    "Врач — травматолог-ортопед",
    "Кабинет ортопеда",
    time(10),
    time(19),
    (3, 4),
    (
        "ortho_first",
        "ortho_again",
        "child_first",
        "control",
        "scan_joint",
        "posture",
        "feet",
    ),
)
MASSEUR = Post(
    "masseur",
    "Массажист",
    "Массажный кабинет 1",
    time(8),
    time(17),
    (1, 2),
    (
        "massage_back",
        "massage_neck",
        "massage_full",
        "massage_child",
        "massage_sport",
        "massage_lymph",
        "massage_legs",
    ),
)
SECOND_MASSEUR = Post(
    "second_masseur",
    "Массажист",
    "Массажный кабинет 2",
    time(12),
    time(21),
    (5, 6),
    MASSEUR.offers,
)
MANUAL_THERAPIST = Post(
    "manual_therapist",
    "Мануальный терапевт",
    "Кабинет мануальной терапии",
    time(11),
    time(20),
    (2, 3),
    ("manual_back", "manual_neck", "osteopathy", "taping"),
)
INSTRUCTOR = Post(
    "instructor",
    "Инструктор ЛФК",
    "Зал ЛФК",
    time(9),
    time(18),
    (5, 6),
    ("exercise_single", "exercise_injury", "exercise_sling", "exercise_child"),
)

LARGE_BRANCH = (NEUROLOGIST, ORTHOPAEDIST, MASSEUR, SECOND_MASSEUR, MANUAL_THERAPIST, INSTRUCTOR)
SMALL_BRANCH = (
    NEUROLOGIST,
    MASSEUR,
    MANUAL_THERAPIST,
    INSTRUCTOR,
)
BREAK_AFTER_HOURS = 4
BREAK_MINUTES = 60


DEVICES = (
    ("Аппарат УЗИ сосудов", 1, ("scan_neck",)),
    ("Подвесная система", 2, ("exercise_sling",)),
)
"""Name, visits at once, what needs it: one in each branch that offers it."""

HALLS = {"Зал ЛФК": 3}
"""Rooms for several visits at once."""

OWN_PRICES = (("dmitry", "neuro_first", 3900), ("artem", "osteopathy", 5800))
"""Who takes his own price, and for what."""


@dataclass(frozen=True)
class Address:
    name: str
    city: str
    street: str
    zone: str
    directions: str = ""
    map_url: str = ""


FIRST_ADDRESSES = (
    Address(
        "На Тверской",
        "Москва",
        "ул. Тверская, 18, корп. 1",
        "Europe/Moscow",
        "Метро «Пушкинская», третий выход, пять минут пешком. Вход со двора, второй этаж.",
        "https://yandex.ru/maps/?text=Москва,%20Тверская%2018к1",
    ),
    Address(
        "На Красном проспекте",
        "Новосибирск",
        "Красный проспект, 86/1",
        "Asia/Novosibirsk",
        "Метро «Гагаринская», выход к проспекту. Вход с торца дома, есть парковка.",
        "https://yandex.ru/maps/?text=Новосибирск,%20Красный%20проспект%2086/1",
    ),
)

_CITIES = (
    ("Казань", "Europe/Moscow"),
    ("Екатеринбург", "Asia/Yekaterinburg"),
    ("Самара", "Europe/Samara"),
    ("Омск", "Asia/Omsk"),
    ("Ростов-на-Дону", "Europe/Moscow"),
    ("Красноярск", "Asia/Krasnoyarsk"),
    ("Пермь", "Asia/Yekaterinburg"),
    ("Воронеж", "Europe/Moscow"),
    ("Иркутск", "Asia/Irkutsk"),
    ("Калининград", "Europe/Kaliningrad"),
)
_STREETS = (
    ("На Ленина", "ул. Ленина"),
    ("На Садовой", "ул. Садовая"),
    ("На Гагарина", "ул. Гагарина"),
    ("На Пушкина", "ул. Пушкина"),
    ("На Кирова", "ул. Кирова"),
    ("На Победы", "ул. Победы"),
    ("На Мира", "ул. Мира"),
    ("На Набережной", "ул. Набережная"),
    ("На Советской", "ул. Советская"),
    ("На Лесной", "ул. Лесная"),
)


def list_addresses(count: int) -> list[Address]:
    """Return the first `count` branches of the chain; after the two of the demo come others."""
    addresses = list(FIRST_ADDRESSES[:count])
    for number in range(count - len(addresses)):
        city, zone = _CITIES[number % len(_CITIES)]
        turn, street = divmod(number // len(_CITIES), len(_STREETS))
        name, road = _STREETS[street]
        suffix = f" {turn + 1}" if turn else ""
        addresses.append(Address(f"{name}{suffix}, {city}", city, f"{road}, {turn + 5}", zone))
    return addresses


@dataclass(frozen=True)
class Member:
    """Someone of the staff with a sign-in; `branch` None works for all branches."""

    username: str
    last: str
    first: str
    middle: str
    role: Role
    branch: int | None
    post: Post | None = None
    title: str = ""


CAST = (
    Member("olga", "Ковалёва", "Ольга", "Сергеевна", Role.ADMINISTRATOR, 0, None, "Администратор"),
    Member("dmitry", "Соколов", "Дмитрий", "Андреевич", Role.DOCTOR, 0, NEUROLOGIST),
    Member("marina", "Белова", "Марина", "Игоревна", Role.MARKETER, None, None, "Маркетолог"),
    Member("viktor", "Громов", "Виктор", "Павлович", Role.MANAGER, None, None, "Управляющий"),
    Member("elena", "Воронцова", "Елена", "Михайловна", Role.DOCTOR, 0, ORTHOPAEDIST),
    Member("pavel", "Тихонов", "Павел", "Олегович", Role.DOCTOR, 0, MASSEUR),
    Member("yulia", "Зимина", "Юлия", "Романовна", Role.DOCTOR, 0, SECOND_MASSEUR),
    Member("artem", "Лазарев", "Артём", "Денисович", Role.DOCTOR, 0, MANUAL_THERAPIST),
    Member("ksenia", "Фролова", "Ксения", "Викторовна", Role.DOCTOR, 0, INSTRUCTOR),
    Member("irina", "Шевченко", "Ирина", "Юрьевна", Role.ADMINISTRATOR, 1, None, "Администратор"),
    Member("sergey", "Назаров", "Сергей", "Львович", Role.DOCTOR, 1, NEUROLOGIST),
    Member("natalia", "Орлова", "Наталья", "Евгеньевна", Role.DOCTOR, 1, MASSEUR),
    Member("roman", "Климов", "Роман", "Ильич", Role.DOCTOR, 1, MANUAL_THERAPIST),
    Member("anna", "Седова", "Анна", "Вячеславовна", Role.DOCTOR, 1, INSTRUCTOR),
)
PASSWORD = "demo"  # noqa: S105 — the demo shows it on its sign-in page

SOURCES = (
    ("site", "Сайт", 22),
    ("yandex-maps", "Яндекс Карты", 18),
    ("direct", "Яндекс Директ", 17),
    ("recommendation", "Рекомендация знакомых", 16),
    ("2gis", "2ГИС", 9),
    ("prodoctorov", "ПроДокторов", 8),
    ("vk", "ВКонтакте", 6),
    ("signboard", "Вывеска", 4),
)
"""Code, name, share in per cent of the new patients."""

REGISTRATION_NUMBER = "1027700132195"
LEGAL_ADDRESS = "125009, Москва, ул. Тверская, д. 12"
SIGNATORY = "директора Соколова В. А."
LEGAL_NAME = "ООО «Клиника восстановительной медицины»"
LICENSE = "Л041-01137-77/00000000"
TAX_NUMBER = "7700000000"

REVIEW_SITES = (
    ("Яндекс Карты", "https://yandex.ru/maps/org/demo-{}/reviews/"),
    ("2ГИС", "https://2gis.ru/firm/demo-{}/tab/reviews"),
    ("ПроДокторов", "https://prodoctorov.ru/lpu/demo-{}/otzivi/"),
)
