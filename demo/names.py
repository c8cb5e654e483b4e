"""Russian names in the right forms, made from word lists by a seeded generator."""

import random
from dataclasses import dataclass
from pathlib import Path


def _words(name: str) -> list[str]:
    path = Path(__file__).parent / "words" / f"{name}.txt"
    return path.read_text(encoding="utf-8").split()


FEMALE_NAMES = _words("female_names")

MALE_NAMES = {
    "Александр": "Александров",
    "Дмитрий": "Дмитриев",
    "Сергей": "Сергеев",
    "Андрей": "Андреев",
    "Алексей": "Алексеев",
    "Максим": "Максимов",
    "Евгений": "Евгеньев",
    "Иван": "Иванов",
    "Михаил": "Михайлов",
    "Артём": "Артёмов",
    "Николай": "Николаев",
    "Владимир": "Владимиров",
    "Павел": "Павлов",
    "Роман": "Романов",
    "Виктор": "Викторов",
    "Игорь": "Игорев",
    "Константин": "Константинов",
    "Олег": "Олегов",
    "Денис": "Денисов",
    "Антон": "Антонов",
    "Юрий": "Юрьев",
    "Виталий": "Витальев",
    "Станислав": "Станиславов",
    "Вадим": "Вадимов",
    "Григорий": "Григорьев",
    "Анатолий": "Анатольев",
    "Кирилл": "Кириллов",
    "Василий": "Васильев",
    "Геннадий": "Геннадьев",
    "Валерий": "Валерьев",
    "Борис": "Борисов",
    "Леонид": "Леонидов",
    "Вячеслав": "Вячеславов",
    "Пётр": "Петров",
    "Степан": "Степанов",
    "Тимофей": "Тимофеев",
    "Матвей": "Матвеев",
    "Егор": "Егоров",
    "Никита": "",
    "Илья": "",
    "Фёдор": "Фёдоров",
    "Глеб": "Глебов",
    "Ярослав": "Ярославов",
    "Даниил": "Даниилов",
    "Лев": "Львов",
    "Руслан": "Русланов",
    "Тимур": "Тимуров",
    "Эдуард": "Эдуардов",
    "Семён": "Семёнов",
    "Герман": "Германов",
}
"""First name → stem of the patronymic; the two that break the rule are in `_PATRONYMICS`."""

_PATRONYMICS = {
    "Никита": ("Никитична", "Никитич"),
    "Илья": ("Ильинична", "Ильич"),
}

SURNAMES = _words("surnames")
"""In the masculine; the frequent ones first."""


@dataclass(frozen=True)
class Name:
    """One person: `sex` is F or M, `father` the first name that the patronymic is made of."""

    last: str
    first: str
    middle: str
    sex: str

    @property
    def full(self) -> str:
        return f"{self.last} {self.first} {self.middle}"


def surname(stem: str, *, sex: str) -> str:
    """Иванов → Иванова, Покровский → Покровская; Шевченко and Черных never change."""
    if sex == "M" or stem.endswith(("ко", "ых")):
        return stem
    return stem[:-2] + "ая" if stem.endswith("ий") else stem + "а"


def patronymic(father: str, *, sex: str) -> str:
    """Сергей → Сергеевна, Сергеевич; Илья → Ильинична, Ильич."""
    if father in _PATRONYMICS:
        return _PATRONYMICS[father][sex == "M"]
    return MALE_NAMES[father] + ("ич" if sex == "M" else "на")


def make_name(
    dice: random.Random, *, sex: str, stem: str | None = None, father: str | None = None
) -> Name:
    """Return a name; a family passes its surname `stem` and the children's `father`."""
    firsts = FEMALE_NAMES if sex == "F" else _MALE_FIRSTS
    return Name(
        last=surname(stem or SURNAMES[_skewed(dice, len(SURNAMES))], sex=sex),
        first=firsts[_skewed(dice, len(firsts))],
        middle=patronymic(father or _MALE_FIRSTS[_skewed(dice, len(_MALE_FIRSTS))], sex=sex),
        sex=sex,
    )


_MALE_FIRSTS = list(MALE_NAMES)


def _skewed(dice: random.Random, size: int) -> int:
    """Return an index in which the head of the list is about thrice as frequent as its tail."""
    roll = dice.random()
    return int(size * (0.5 * roll + 0.5 * roll * roll))


_LATIN = str.maketrans(
    "абвгдеёзийклмнопрстуфыэ",
    "abvgdeeziyklmnoprstufye",
    "ъь",
) | str.maketrans(
    {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
)


def latin(text: str) -> str:
    """Return the text as it stands in an e-mail address: Соловьёва → soloveva."""
    return text.lower().translate(_LATIN)
