"""The code of a package: short enough to read out, without letters that look like digits."""

import secrets

ALPHABET = "23456789BCDFGHJKMNPQRTVWXZ"
LENGTH = 8
_LOOKALIKES = str.maketrans("ВСНКМТХР", "BCHKMTXP")


def make_code() -> str:
    """Return a code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str:
    """Return the code as it is stored, however it was typed: spaces, dashes, Cyrillic letters."""
    letters = text.upper().translate(_LOOKALIKES)
    return "".join(letter for letter in letters if letter.isalnum())[:LENGTH]


def write_code(code: str) -> str:
    """K7M4-9XQ2"""
    return f"{code[:4]}-{code[4:]}"
