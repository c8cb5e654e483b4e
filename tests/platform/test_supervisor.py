import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clinic_crm.embedded import ROOT
from clinic_crm.supervisor import Program, ProgramFailed, Supervisor, read_procfile

FOREVER = "import time; time.sleep(600)"
WITH_CHILD = (
    "import subprocess, sys, pathlib, time;"
    f"child = subprocess.Popen([sys.executable, '-c', '{FOREVER}']);"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); time.sleep(600)"
)


def program(folder: Path, code: str, *arguments: str, name: str = "program") -> Program:
    command = [sys.executable, "-c", code, *arguments]
    return Program(name, command, folder / f"{name}.log", dict(os.environ))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """A zombie is dead: only its parent has not looked yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_killed_program_is_started_again_without_its_old_children(tmp_path: Path) -> None:
    said: list[str] = []
    note = tmp_path / "child"
    parent = program(tmp_path, WITH_CHILD, str(note))
    supervisor = Supervisor([parent], said.append)

    with supervisor.running():
        wait_for(note.exists)
        assert parent.process is not None
        first, child = parent.process.pid, int(note.read_text(encoding="utf-8"))
        parent.process.kill()
        wait_for(lambda: not parent.is_running())
        supervisor.restart_ended()

        assert parent.is_running()
        assert parent.process.pid != first
        assert said == ["program ended and is started again."]
        wait_for(lambda: not is_alive(child))


def test_leaving_stops_everyone_even_the_stubborn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_crm.supervisor.PATIENCE", 0.3)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
    programs = [
        program(tmp_path, FOREVER, name="polite"),
        program(tmp_path, f"{deaf}; {FOREVER}", name="stubborn"),
    ]

    with Supervisor(programs).running():
        wait_for(lambda: "deaf" in programs[1].last_words())

    assert not any(one.is_running() for one in programs)


def test_a_program_that_cannot_start_stops_all_with_its_last_words(tmp_path: Path) -> None:
    good = program(tmp_path, FOREVER, name="good")
    bad = program(tmp_path, "raise SystemExit('no such table')", name="bad")

    with pytest.raises(ProgramFailed, match="no such table"):
        run_until_it_fails(Supervisor([good, bad], lambda text: None))

    assert not good.is_running()


def run_until_it_fails(supervisor: Supervisor) -> None:
    with supervisor.running():
        supervisor.watch()


SUPERVISE = """
import os, pathlib, sys, time
from clinic_crm.supervisor import Program, Supervisor

folder = pathlib.Path(sys.argv[1])
tell = "import os, sys; print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True)"
command = [sys.executable, "-c", f"{tell}; import time; time.sleep(600)", folder / "pid"]
with Supervisor([Program("one", command, folder / "log", dict(os.environ))]).running():
    time.sleep(600)
"""


def test_a_killed_supervisor_takes_its_programs_along(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISE, tmp_path], cwd=ROOT)
    wait_for(lambda: note.exists() and note.read_text(encoding="utf-8").endswith("\n"))
    pid = int(note.read_text(encoding="utf-8"))

    supervisor.kill()
    supervisor.wait()

    wait_for(lambda: not is_alive(pid))


def test_the_procfile_names_programs_of_this_environment(tmp_path: Path) -> None:
    programs = {one.name: one for one in read_procfile(tmp_path, {})}

    assert {"web", "worker", "sender", "beat"} <= set(programs)
    assert all(Path(one.command[0]).is_file() for one in programs.values())
