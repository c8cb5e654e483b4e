"""Which encoding a text file is in, told by how much its letters look like Russian."""

import codecs

from intake.tables.base import UnknownEncoding

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OLD = ("cp1251", "koi8-r", "cp866", "mac-cyrillic")
SAMPLE = 200_000
_FREQUENT = frozenset("оеаинтсрвлкмдпуя")
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ№«»–—")
MOST_STRANGE = 0.2
"""The share of signs beyond ASCII that may be neither Russian letters nor our quotes."""


def decode(content: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding. Raises `UnknownEncoding`."""
    encoding = _detect(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnknownEncoding from error
    if "\x00" in text:
        raise UnknownEncoding
    return text.removeprefix("\ufeff"), _name(encoding)


def _detect(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    if b"\x00" in content[:SAMPLE]:
        return _detect_wide(content)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _detect_old(content)
    return "utf-8"


def _detect_wide(content: bytes) -> str:
    """UTF-16 without its mark: separators and figures have a zero in one half."""
    sample = content[: SAMPLE - SAMPLE % 2]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if len(content) % 2 or low == high:
        raise UnknownEncoding
    return "utf-16-le" if high > low else "utf-16-be"


def _detect_old(content: bytes) -> str:
    best = max(OLD, key=lambda encoding: _likeness(content, encoding))
    text = content[:SAMPLE].decode(best, "replace")
    strange = [sign for sign in text if sign > "\x7f" and sign not in _RUSSIAN]
    beyond = sum(sign > "\x7f" for sign in text)
    if len(strange) > MOST_STRANGE * beyond or any(
        sign < " " and sign not in "\t\r\n" for sign in text
    ):
        raise UnknownEncoding
    return best


def _likeness(content: bytes, encoding: str) -> int:
    text = content[:SAMPLE].decode(encoding, "replace")
    known = sum(sign in _FREQUENT for sign in text)
    return known - sum(sign > "\x7f" and sign not in _RUSSIAN for sign in text)


def _name(encoding: str) -> str:
    names = {"cp1251": "windows-1251", "utf-8-sig": "UTF-8", "utf-8": "UTF-8"}
    return names.get(encoding, encoding.upper().removesuffix("-LE").removesuffix("-BE"))
