"""Runs a set of programs as one: starts them, restarts what dies, stops all of them together.

No program outlives the supervisor. It ends them when it is told to stop; when it is killed, the
kernel tells them (`embedded.die_with_parent`). What a dead program leaves behind of its own
children is swept away before the next one starts, so a new web server finds its port free.
"""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clinic_crm.embedded import ROOT, die_with_parent

PAUSE = 0.1
PATIENCE = 15.0  # seconds a program gets to finish what it is doing
START_PATIENCE = 60.0
TOO_SOON = 5.0
MOST_EARLY_ENDS = 3
SHOWN_OF_LOG = 2000


class ProgramFailed(Exception):
    """A program ends again and again as soon as it starts; the message ends with its log."""


@dataclass
class Program:
    """One command, its log file and its present process."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    is_ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    early_ends: int = 0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=functools.partial(die_with_parent, signal.SIGTERM),
            )
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.is_running() and self.process is not None:
            self.process.send_signal(number)

    def sweep(self) -> None:
        """End whatever is left of the program's process group."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def note_end(self) -> None:
        """Count the ends that are the program's own fault. Raises `ProgramFailed`."""
        own_fault = self.process is not None and self.process.returncode > 0
        too_soon = time.monotonic() - self.started_at < TOO_SOON
        self.early_ends = self.early_ends + 1 if own_fault and too_soon else 0
        if self.early_ends >= MOST_EARLY_ENDS:
            raise ProgramFailed(f"{self.name} does not stay up:\n{self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-SHOWN_OF_LOG:]


@dataclass
class Supervisor:
    programs: list[Program]
    say: Callable[[str], None] = field(default=print)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """All programs up inside, none left after.

        They start in order, each when the one before is ready: on a small machine the first page
        is there sooner when nobody else is starting too.
        """
        try:
            for program in self.programs:
                program.start()
                self._wait_until_ready(program)
            yield
        finally:
            self.stop()

    def _wait_until_ready(self, program: Program) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while not program.is_ready():
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{program.name} does not answer:\n{program.last_words()}")
            self._restart_if_ended(program)
            time.sleep(PAUSE / 4)

    def restart_ended(self) -> None:
        """Start again what has ended. Raises `ProgramFailed` for what will not stay up."""
        for program in self.programs:
            self._restart_if_ended(program)

    def _restart_if_ended(self, program: Program) -> None:
        if not program.is_running():
            program.sweep()
            program.note_end()
            self.say(f"{program.name} ended and is started again.")
            program.start()

    def watch(self) -> None:
        while True:
            self.restart_ended()
            time.sleep(PAUSE)

    def stop(self) -> None:
        """Ask everyone at once, wait for all, then insist."""
        for program in self.programs:
            program.signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(one.is_running() for one in self.programs):
            time.sleep(PAUSE / 4)
        for program in self.programs:
            program.sweep()


def read_procfile(log_folder: Path, environment: Mapping[str, str]) -> list[Program]:
    """The programs of `Procfile`, run from this virtual environment."""
    binaries = Path(sys.executable).parent
    programs = []
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        name, _, command = line.partition(":")
        if command:
            first, *rest = command.split()
            log = log_folder / f"{name}.log"
            programs.append(Program(name, [str(binaries / first), *rest], log, environment))
    return programs
