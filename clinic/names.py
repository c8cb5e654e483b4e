"""The folded key by which names are sorted and found."""

import re

_SEPARATORS = re.compile(r"[\s\-‐‑–—'’`.]+")


def fold(text: str) -> str:
    """Return the search key: lower case, ё as е, hyphens, dots and runs of spaces as one space.

    The database has no ICU, so ё would sort after я; a stored key sorts and matches everywhere.
    """
    return _SEPARATORS.sub(" ", text.casefold().replace("ё", "е")).strip()


def shorten(last: str, first: str, middle: str) -> str:
    """Surname and initials: «Соколов Д. А.»."""
    return " ".join([last, *(f"{name[0]}." for name in (first, middle) if name)])
