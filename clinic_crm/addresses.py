"""Where the demo that runs on this machine listens, for commands started beside it.

`bin/demo` picks free ports. A command in another terminal (`bin/manage tick`) sends to the same
stand-ins and writes the same links, because the demo leaves a note of its addresses.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from clinic_crm import embedded

NAMES = ("PUBLIC_URL", "SMS_GATEWAY_URL", "EMAIL_HOST", "EMAIL_PORT", "CLINIC_NAME")


def note() -> Path:
    return embedded.servers().folder / "addresses.json"


@contextmanager
def noted(environment: Mapping[str, str]) -> Iterator[None]:
    """Keep the note while the demo runs."""
    addresses = {name: environment[name] for name in NAMES if name in environment}
    note().write_text(json.dumps(addresses), encoding="utf-8")
    try:
        yield
    finally:
        note().unlink(missing_ok=True)


def adopt() -> None:
    """Take over the addresses of a running demo where the environment names no others."""
    try:
        addresses = json.loads(note().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    for name, value in addresses.items():
        os.environ.setdefault(name, value)
