"""How numbers, money, phones and times are written, in the language of the page."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import format_date as babel_date
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

NO_BREAK = "\N{NO-BREAK SPACE}"
ROUBLE = "\N{RUBLE SIGN}"


remembered = partial(lru_cache, maxsize=4096)
"""For what a page writes again and again: equal values look equal in one language."""


def current_locale() -> Locale:
    return _read_locale(get_language() or "ru")


@remembered()
def _read_locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def format_number(value: int | Decimal, pattern: str = "#,##0.###") -> str:
    """1 234 567 in Russian, 1,234,567 in English; never broken over two lines."""
    return _write_number(value, pattern, get_language() or "ru")


@remembered()
def _write_number(value: int | Decimal, pattern: str, language: str) -> str:
    return format_decimal(value, pattern, _read_locale(language))


def format_money(value: Decimal | int) -> str:
    """1 234 567,00 ₽"""
    return f"{format_number(value, '#,##0.00')}{NO_BREAK}{ROUBLE}"


def format_roubles(value: Decimal | int) -> str:
    """1 234 567 ₽: rounded, for figures that are read at a glance."""
    return f"{format_number(value, '#,##0')}{NO_BREAK}{ROUBLE}"


def format_share(part: int | Decimal, whole: int | Decimal) -> str:
    """30 % (12 of 40); a dash where there is nothing to take a share of."""
    if not whole:
        return "—"
    percent = format_percent(Decimal(part) / Decimal(whole), "#,##0 %", current_locale())
    written = _("%(percent)s (%(part)s of %(whole)s)") % {
        "percent": percent,
        "part": format_number(part),
        "whole": format_number(whole),
    }
    return written.replace(" ", NO_BREAK).replace(f"{NO_BREAK}(", " (")


def format_phone(value: PhoneNumber | str | None) -> str:
    """+7 912 345-67-89; what cannot be read as a phone stays as it was typed."""
    return _write_phone(str(value)) if value else ""


@remembered()
def _write_phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "RU")
    except phonenumbers.NumberParseException:
        return value
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return written.replace(" ", NO_BREAK)


def format_day(value: date) -> str:
    """21.11.2026, in English 21 Nov 2026."""
    language = get_language() or "ru"
    return _write_date(value, "dd.MM.yyyy" if language == "ru" else "d MMM yyyy", language)


def format_weekday(value: date) -> str:
    """суббота, 21 ноября; Saturday, 21 November."""
    return _write_date(value, "EEEE, d MMMM", get_language() or "ru")


@remembered()
def _write_date(value: date, pattern: str, language: str) -> str:
    return babel_date(value, pattern, _read_locale(language))


def format_clock(value: datetime, zone: ZoneInfo) -> str:
    """14:30 on the wall of the branch."""
    return value.astimezone(zone).strftime("%H:%M")


def format_moment(value: datetime, zone: ZoneInfo) -> str:
    """21.11.2026, 14:30 on the wall of the branch."""
    local = value.astimezone(zone)
    return f"{format_day(local.date())}, {local:%H:%M}"


def format_duration(value: timedelta) -> str:
    """1 h 30 min, rounded to minutes."""
    hours, minutes = divmod(round(value.total_seconds() / 60), 60)
    parts = []
    if hours:
        parts.append(_("%(hours)d h") % {"hours": hours})
    if minutes or not hours:
        parts.append(_("%(minutes)d min") % {"minutes": minutes})
    return " ".join(parts).replace(" ", NO_BREAK)


def format_age(born_on: date, today: date) -> str:
    """34 years, in whole years of life."""
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    years = today.year - born_on.year - (0 if had_birthday else 1)
    return _write_years(years, get_language() or "ru")


@remembered()
def _write_years(years: int, language: str) -> str:
    """`language` is the active one: it is part of what is remembered."""
    return ngettext("%(years)d year", "%(years)d years", years) % {"years": years}
