"""The product as a stranger starts it: every process real, on servers and ports of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil

from clinic_crm.supervisor import read_procfile

ROOT = Path(__file__).parents[2]
PATIENTS = 60
STOPS_WITHIN = 60


@dataclass(frozen=True)
class Product:
    """`site` is the clinic's address, `phone` the page that shows what patients receive.

    `supervisor` is the process that keeps the others up.
    """

    site: str
    phone: str
    supervisor: int
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the running product; return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def tick(self, now: str) -> str:
        """One pass of all scheduled work as of a moment, ISO 8601 with offset."""
        return self.manage("tick", "--now", now)

    def python(self, code: str) -> Any:
        """Evaluate an expression of the product's own code; return it through JSON."""
        out = self.manage("shell", "--no-imports", "--command", f"import json\n{code}")
        return json.loads(out.splitlines()[-1])

    def find(self, program: str) -> int:
        """Return the process of a program of the Procfile, which leads a group of its own."""
        (known,) = (one for one in read_procfile(ROOT, {}) if one.name == program)
        _binary, *arguments = known.command
        (found,) = (
            child.pid
            for child in psutil.Process(self.supervisor).children()
            if child.cmdline()[-len(arguments) :] == arguments
        )
        return found

    def sent_to(self, phone: str) -> list[dict[str, Any]]:
        """Return the SMS that the stand-in gateway accepted for a number, oldest first."""
        with urlopen(Request(f"{self.phone}/__fake/outbox"), timeout=10) as answer:
            outbox = json.load(answer)
        return [sms for sms in outbox["sms"] if sms["phone"].endswith(phone[-10:])]


@contextmanager
def running(folder: Path) -> Iterator[Product]:
    """Load a small demo clinic, start everything, and leave no process behind."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CRM_SERVERS", "DATABASE_URL", "REDIS_URL"}
    } | {"CRM_VAR_DIR": str(folder), "PORT": "0", "PYTHONUNBUFFERED": "1"}
    manage = [sys.executable, "manage.py"]
    for command in (["migrate", "--verbosity", "0"], ["load_demo", "--patients", str(PATIENTS)]):
        subprocess.run(
            [*manage, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
        )
    command = [sys.executable, "-m", "clinic_crm.demonstration"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as demo:
        try:
            yield _read_welcome(demo, environment)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=STOPS_WITHIN)


def _read_welcome(demo: "subprocess.Popen[str]", environment: dict[str, str]) -> Product:
    assert demo.stdout is not None
    addresses: list[str] = []
    for line in demo.stdout:
        addresses += re.findall(r"http://localhost:\d+", line)
        if "Ctrl-C" in line:
            return Product(addresses[0], addresses[1], demo.pid, environment)
    raise AssertionError("The product did not start")
