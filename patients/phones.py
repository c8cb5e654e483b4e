"""Phones as people write them, and the one form (E.164) in which they are kept."""

import re

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outbox.errors import Refused

_EXTENSION = re.compile(r"(?:доб|вн|ext|x|#).*$", re.IGNORECASE | re.DOTALL)
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_COUNTING = ("0123456789", "1234567890", "9876543210", "0987654321")
RUSSIAN_DIGITS = 10
LONGEST = 15

REASONS: dict[str, str | Promise] = {
    "empty": _("Enter a phone number."),
    "short": _("The number is too short: write it with the area code, 10 digits in all."),
    "long": _("The number is too long. One field takes one number."),
    "junk": _("This is not a real number. If there is no phone, leave the field empty."),
    "unknown": _(
        "There is no such number: check the digits. A foreign number starts with + and the "
        "country code."
    ),
}


class WrongPhone(Refused):
    """`details["reason"]` is a key of `REASONS`."""

    code = "wrong_phone"
    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason], reason=reason)


def normalise_phone(text: str) -> str:
    """Return the number in E.164: `8 (916) 123-45-67` → `+79161234567`.

    Ten digits, or eleven beginning with 7 or 8, are a Russian number; anything with a plus, `00`
    or `810` before it is international. An extension is dropped: it can't be dialled from a
    list. Raises `WrongPhone` with a reason for what is empty, too short or long, made up
    (`0000000000`, `+7 (999) 999-99-99`) or not in any numbering plan.
    """
    written = _EXTENSION.sub("", text).strip()
    digits = _NOT_A_DIGIT.sub("", written)
    if not digits:
        raise WrongPhone("empty")
    if _is_made_up(digits):
        raise WrongPhone("junk")
    number = _as_international(digits, has_plus=written.startswith("+")) or _as_russian(digits)
    if number is None:
        raise WrongPhone(_why_not(digits))
    return number


def _is_made_up(digits: str) -> bool:
    """All one digit, counting up or down, or a subscriber number of zeros."""
    own = digits[-RUSSIAN_DIGITS:]
    return len(set(own)) == 1 or own in _COUNTING or own.endswith("0000000")


def _as_international(digits: str, *, has_plus: bool) -> str | None:
    """Typed as foreign, a number need only be possible: numbering plans change abroad."""
    for prefix in ("810", "00"):
        if not has_plus and digits.startswith(prefix) and len(digits) > RUSSIAN_DIGITS + 1:
            return _as_international(digits.removeprefix(prefix), has_plus=True)
    if has_plus and not digits.startswith("7"):
        return _checked(digits, is_strict=digits.startswith("8"))
    if len(digits) > RUSSIAN_DIGITS + 1:
        return _checked(digits, is_strict=True)
    return None


def _as_russian(digits: str) -> str | None:
    """`+8 916 …` is what many write for `8 916 …`; Kazakhstan shares the code 7."""
    if len(digits) == RUSSIAN_DIGITS + 1 and digits[0] in "78":
        digits = digits[1:]
    if len(digits) != RUSSIAN_DIGITS:
        return None
    return _checked(f"7{digits}", is_strict=True)


def _checked(digits: str, *, is_strict: bool) -> str | None:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    is_good = phonenumbers.is_valid_number if is_strict else phonenumbers.is_possible_number
    if not is_good(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _why_not(digits: str) -> str:
    """Ten digits that begin with 7 or 8 are a Russian number with a digit left out."""
    if len(digits) < RUSSIAN_DIGITS + (digits[0] in "78"):
        return "short"
    return "long" if len(digits) > LONGEST else "unknown"


def mask_phone(value: str) -> str:
    """Return what those see who may not see contacts: `+79161234567` → `+7 ••• •••-45-67`."""
    return f"{value[:2]} ••• •••-{value[-4:-2]}-{value[-2:]}"


def mask_email(value: str) -> str:
    """`anna.petrova@mail.ru` → `a•••@mail.ru`."""
    name, _at, host = value.partition("@")
    return f"{name[:1]}•••@{host}"
