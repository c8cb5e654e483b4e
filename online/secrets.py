"""Secrets of a visitor: the token of his pages, the code that he is sent, and keyed hashes."""

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from secrets import randbelow, token_urlsafe

from django.utils.crypto import constant_time_compare, salted_hmac

TOKEN_BYTES = 16
FIGURES = 6


def make_token() -> str:
    return token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """A token has enough entropy of its own: no salt, one look-up by index."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def make_code() -> str:
    """Return six figures; each of a million is as likely."""
    return f"{randbelow(10**FIGURES):0{FIGURES}}"


def hash_code(code: str, *, attempt_id: int) -> bytes:
    """A code has little entropy, so the hash is keyed, and is another for each attempt."""
    return salted_hmac("online.code", f"{attempt_id}:{code}", algorithm="sha256").digest()


def is_code(code: str, digest: bytes | memoryview, *, attempt_id: int) -> bool:
    """Compare in a time that tells nothing."""
    return constant_time_compare(hash_code(code, attempt_id=attempt_id), bytes(digest))


def hash_contact(contact: str) -> bytes:
    return salted_hmac("online.contact", contact, algorithm="sha256").digest()


def hash_place(address: str | None) -> bytes:
    """Whoever has an IPv6 address has a whole /64 of them, so it counts as one place."""
    return salted_hmac("online.place", _network(address), algorithm="sha256").digest()


def _network(address: str | None) -> str:
    if address is None:
        return ""
    parsed = ip_address(address)
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network(f"{parsed.compressed.partition('%')[0]}/64", strict=False))
