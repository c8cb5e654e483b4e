from decimal import Decimal

import pytest

from clinic.words import spell, spell_roubles


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "ноль рублей 00 копеек"),
        ("1", "один рубль 00 копеек"),
        ("2.02", "два рубля 02 копейки"),
        ("11.11", "одиннадцать рублей 11 копеек"),
        ("21.21", "двадцать один рубль 21 копейка"),
        ("115", "сто пятнадцать рублей 00 копеек"),
        ("1000", "одна тысяча рублей 00 копеек"),
        ("2500.50", "две тысячи пятьсот рублей 50 копеек"),
        ("12012", "двенадцать тысяч двенадцать рублей 00 копеек"),
        ("1001001", "один миллион одна тысяча один рубль 00 копеек"),
        ("99000999.99", "девяносто девять миллионов девятьсот девяносто девять рублей 99 копеек"),
    ],
)
def test_a_sum_is_written_in_words(amount: str, words: str) -> None:
    assert spell_roubles(Decimal(amount)) == words


def test_every_number_is_written_its_own_way() -> None:
    assert len({spell(number) for number in range(5000)}) == 5000
