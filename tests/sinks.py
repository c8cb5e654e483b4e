"""The fake SMS gateway and mail server, for tests that need to send."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from clinic_crm.embedded import ROOT

PHONE = "79161234567"


class Sinks:
    """The demo's vendors in a process of their own; `outbox` shows what came since `begin`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen = {"sms": 0, "mail": 0}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo.sinks", "--folder", folder, "--http", "0", "--smtp", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(r"http=(\d+) smtp=(\d+)\n", line)
        assert found, line
        self.url, self.smtp_port = f"http://127.0.0.1:{found[1]}", int(found[2])

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=10)

    def call(self, path: str, **parameters: object) -> Any:
        body = urlencode({"login": "demo", "psw": "demo", "fmt": 3} | parameters).encode()
        with urlopen(f"{self.url}{path}", body, timeout=10) as answer:
            return json.load(answer)

    def send(self, **parameters: object) -> Any:
        return self.call("/sys/send.php", **{"phones": PHONE, "mes": "Ждём вас"} | parameters)

    def script(self, **scenario: object) -> None:
        body = json.dumps(scenario).encode()
        with urlopen(Request(f"{self.url}/__fake/scenario", body), timeout=10):
            pass

    def begin(self) -> None:
        self.script()
        self.seen = {kind: len(entries) for kind, entries in self._accepted().items()}

    def outbox(self) -> dict[str, list[Any]]:
        return {kind: entries[self.seen[kind] :] for kind, entries in self._accepted().items()}

    def _accepted(self) -> dict[str, list[Any]]:
        with urlopen(f"{self.url}/__fake/outbox", timeout=10) as answer:
            accepted: dict[str, list[Any]] = json.load(answer)
        return accepted

    def page(self, path: str = "/", language: str = "ru") -> str:
        request = Request(f"{self.url}{path}", headers={"Accept-Language": language})
        with urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())
