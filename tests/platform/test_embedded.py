import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from clinic_crm.embedded import ROOT, Servers
from tests.platform.test_supervisor import is_alive, wait_for

JOIN = "from clinic_crm import embedded; embedded.join(); print('joined', flush=True)"
WAIT = "import sys; sys.stdin.read()"


class User:
    """A process that has joined the servers under `var` and waits."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"{JOIN}; {WAIT}"],
            cwd=ROOT,
            env=_environment(var),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "joined\n"

    def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def join(tmp_path: Path) -> Iterator[Callable[[], User]]:
    users = []

    def start() -> User:
        users.append(User(tmp_path))
        return users[-1]

    yield start
    for user in users:
        user.kill()


def _environment(var: Path) -> dict[str, str]:
    ours = {"CRM_VAR_DIR": str(var), "CRM_SERVERS": "test"}
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return kept | ours


def _server_pids(var: Path) -> list[int]:
    """The servers that have something under `var` in their command line."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if is_alive(pid) and str(var) in _command_line(pid)]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""


def _ask(var: Path) -> object:
    connection = psycopg2.connect(Servers(var / "test", durable=False).database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        row = cursor.fetchone()
    connection.close()
    return row


def test_servers_live_as_long_as_anybody_uses_them(
    tmp_path: Path, join: Callable[[], User]
) -> None:
    first, second = join(), join()
    assert _ask(tmp_path) == ("",)

    first.kill()
    time.sleep(0.2)
    assert _ask(tmp_path) == ("",)

    second.kill()
    wait_for(lambda: _server_pids(tmp_path) == [])
    with pytest.raises(psycopg2.OperationalError):
        _ask(tmp_path)


def test_a_killed_keeper_takes_its_servers_along_and_the_next_user_starts_anew(
    tmp_path: Path, join: Callable[[], User]
) -> None:
    user = join()
    servers = _server_pids(tmp_path)
    assert servers
    keeper = int(Path(f"/proc/{servers[0]}/stat").read_text(encoding="utf-8").split()[3])

    os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: not any(map(is_alive, servers)))
    user.kill()
    successor = join()

    assert _ask(tmp_path) == ("",)
    successor.kill()
    wait_for(lambda: _server_pids(tmp_path) == [])


def test_a_long_folder_gets_a_short_place_for_its_sockets(tmp_path: Path) -> None:
    deep = Servers(tmp_path / ("d" * 100), durable=False)

    assert len(os.fsencode(deep.sockets)) < 80
    assert deep.sockets != Servers(tmp_path / ("e" * 100), durable=False).sockets
