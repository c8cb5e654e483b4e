"""Typed readers of the environment: a value that cannot be right stops the start with its name.

Every variable may also be given as a file: `SECRET_KEY_FILE=/run/secrets/key` stands for the
content of that file, as container platforms hand out secrets.
"""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


def _read(name: str) -> str | None:
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and path:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if not path:
        return value or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {error}") from error


def _parsed(name: str, default: T | None, parse: Callable[[str], T]) -> T:
    raw = _read(name)
    if raw is not None:
        return parse(raw)
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set and has no default.")
    return default


def text(name: str, default: str | None = None) -> str:
    """A string; without a default the variable is required."""
    return _parsed(name, default, str)


def choice(name: str, allowed: Collection[str], default: str) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(
            f"{name}={value!r} must be one of: {', '.join(sorted(allowed))}."
        )
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name}={value!r} must be 1 or 0.")
    return value in YES


def integer(name: str, default: int, *, least: int = 0) -> int:
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r} must be a whole number.") from error
    if value < least:
        raise ImproperlyConfigured(f"{name}={value} must be at least {least}.")
    return value


def listing(name: str, default: list[str] | None = None) -> list[str]:
    """Values separated by commas; an empty list counts as missing."""
    return _parsed(
        name, default, lambda raw: [part.strip() for part in raw.split(",") if part.strip()]
    )


def url(name: str, default: str | None = None, *, schemes: Collection[str]) -> str:
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise ImproperlyConfigured(f"{name} must be an address with {' or '.join(schemes)}.")
    return value.rstrip("/")


def database(name: str, default: str | None = None) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?sslmode=require` as Django wants it.

    A query parameter `host` names the folder of a unix socket; all others go to libpq as they are.
    """
    parts = urlsplit(url(name, default, schemes=("postgresql", "postgres")))
    options = dict(parse_qsl(parts.query))
    database_name = unquote(parts.path.lstrip("/"))
    if not database_name:
        raise ImproperlyConfigured(f"{name} does not name a database.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
