"""When two names may be one person's. It only decides whom to ask about, never whom to merge."""

from difflib import SequenceMatcher

SAME_WORD = 0.75
SHORTEST_STEM = 4


def are_alike(one: str, other: str) -> bool:
    """Compare two folded full names, surname first.

    Alike are: the same first two words in any order; a similar surname (Иванов, Иванова,
    Ивонов) with a similar first name, its initial, or none (Наталья, Наталия, Н).
    """
    first, second = one.split(), other.split()
    if not first or not second:
        return False
    if sorted(first[:2]) == sorted(second[:2]):
        return True
    return _words_alike(first[0], second[0]) and _first_names_alike(first[1:], second[1:])


def _first_names_alike(one: list[str], other: list[str]) -> bool:
    if not one or not other:
        return True
    if 1 in (len(one[0]), len(other[0])):
        return one[0][0] == other[0][0]
    return _words_alike(one[0], other[0])


def _words_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= SHORTEST_STEM and longer.startswith(shorter):
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= SAME_WORD


def are_first_names_equal(one: str, other: str) -> bool:
    """Whether the words after the surname agree as far as both are given."""
    pairs = list(zip(one.split()[1:], other.split()[1:], strict=False))
    return bool(pairs) and all(left == right for left, right in pairs)
