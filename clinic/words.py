"""A sum in words, as it stands on paper: «две тысячи пятьсот рублей 00 копеек»."""

from decimal import Decimal

UNITS = (
    "", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять",
    "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
    "семнадцать", "восемнадцать", "девятнадцать",
)  # fmt: skip
FEMININE = {1: "одна", 2: "две"}
TENS = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят",
    "восемьдесят", "девяносто",
)  # fmt: skip
HUNDREDS = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот",
    "девятьсот",
)  # fmt: skip
ROUBLES = ("рубль", "рубля", "рублей")
KOPECKS = ("копейка", "копейки", "копеек")
THOUSANDS = (
    ("", "", ""),
    ("тысяча", "тысячи", "тысяч"),
    ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
)


def spell_roubles(amount: Decimal) -> str:
    """Return a sum below a thousand billion in Russian words, kopecks in figures."""
    kopecks = int(amount * 100)
    roubles, rest = divmod(kopecks, 100)
    return " ".join([spell(roubles), choose(roubles, ROUBLES), f"{rest:02}", choose(rest, KOPECKS)])


def spell(number: int) -> str:
    """Return a whole number in Russian words, masculine."""
    groups = []
    for power, names in enumerate(THOUSANDS):
        number, group = divmod(number, 1000)
        if group:
            words = [*_spell_group(group, is_feminine=power == 1), choose(group, names)]
            groups.append(" ".join(filter(None, words)))
    return " ".join(reversed(groups)) or "ноль"


def choose(number: int, forms: tuple[str, str, str]) -> str:
    """Return the form that goes with the number: 1 рубль, 2 рубля, 5 рублей."""
    if number % 100 in range(11, 15):
        return forms[2]
    return {1: forms[0], 2: forms[1], 3: forms[1], 4: forms[1]}.get(number % 10, forms[2])


def _spell_group(group: int, *, is_feminine: bool) -> list[str]:
    hundreds, rest = divmod(group, 100)
    tens, units = (0, rest) if rest < 20 else divmod(rest, 10)
    unit = FEMININE.get(units, UNITS[units]) if is_feminine else UNITS[units]
    return [HUNDREDS[hundreds], TENS[tens], unit]
