"""Public holidays, transferred days off included, as the `holidays` library knows them."""

from datetime import date
from functools import lru_cache

import holidays
from django.conf import settings
from django.utils.translation import get_language

LANGUAGES = {"ru": "ru"}


def list_public_holidays(year: int) -> dict[date, str]:
    """Return the days off of the clinic's country that year, with their names."""
    return _read(settings.HOLIDAYS_COUNTRY, year, LANGUAGES.get(get_language() or "", "en_US"))


@lru_cache(maxsize=64)
def _read(country: str, year: int, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays(country, years=[year], language=language))
