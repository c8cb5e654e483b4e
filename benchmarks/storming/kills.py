import contextlib
import random
import time
from collections import Counter
from pathlib import Path

import psutil

from clinic_crm.supervisor import Program, Supervisor

SECONDS_BETWEEN_KILLS = 0.3, 0.6
SECONDS_TO_START = 2.0  # from the first child, or the first beat, on
LOOK_AGAIN = 0.02
LOTS = {
    "web": 1,
    "web_process": 5,
    "worker": 1,
    "worker_process": 3,
    "sender": 1,
    "sender_process": 12,
    "beat": 1,
}


class Storm:
    """Kills a random process of web, worker, sender and beat, without a word of warning.

    A program goes with all its children, a `…_process` is one of them. Those of the sender have
    most lots: they hold what matters, and are back at once, while a program takes seconds to
    start. A lot that falls on what is still starting is void, or nothing would ever be up.
    """

    def __init__(self, supervisor: Supervisor, sign_of_beat: Path, seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self._supervisor, self._sign_of_beat = supervisor, sign_of_beat
        self._programs = {program.name: program for program in supervisor.programs}
        self._up_since: dict[int, float] = {}
        self._dice = random.Random(seed)

    def blow(self) -> None:
        """Wait a moment, then draw a lot and kill."""
        self.keep_up(self._dice.uniform(*SECONDS_BETWEEN_KILLS))
        (lot,) = self._dice.choices(list(LOTS), list(LOTS.values()))
        program = self._programs[lot.removesuffix("_process")]
        children = _list_children(program)
        if program.name not in self._list_up() or not (children or lot == program.name):
            return
        if lot == program.name:
            program.sweep()
            if lot == "beat":
                self._sign_of_beat.unlink()
        else:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._dice.choice(children).kill()
        self.kills[lot] += 1

    def keep_up(self, seconds: float) -> None:
        """Start again what was killed, for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._supervisor.restart_ended()
            time.sleep(LOOK_AGAIN)

    def _list_up(self) -> set[str]:
        """Who has been up for a while: Celery gives up when its pool is killed as it starts."""
        up, now = set(), time.monotonic()
        for name, program in self._programs.items():
            is_at_work = self._sign_of_beat.exists() if name == "beat" else _list_children(program)
            if program.process is not None and is_at_work:
                since = self._up_since.setdefault(program.process.pid, now)
                if now - since > SECONDS_TO_START:
                    up.add(name)
        return up


def _list_children(program: Program) -> list[psutil.Process]:
    if program.process is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(program.process.pid).children()
    return []
