"""The secret by which another system signs in to the API: 256 random bits, kept as a hash."""

from hashlib import sha256
from secrets import token_urlsafe

PREFIX = "crm_"
"""Lets people, and scanners of leaked secrets, tell what it is."""


def make_token() -> str:
    return PREFIX + token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """A token has enough entropy of its own: no salt, no slow hash, one look-up by index."""
    return sha256(token.encode()).digest()
