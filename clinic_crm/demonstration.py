"""`bin/demo`: the whole product on this machine, with stand-ins for the world outside."""

import functools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from clinic_crm import addresses, embedded
from clinic_crm.embedded import ROOT
from clinic_crm.fingerprint import fingerprint_of_migrations
from clinic_crm.supervisor import Program, ProgramFailed, Supervisor, read_procfile

PREFERRED_PORT = 8000
ENOUGH_AHEAD = timedelta(days=3)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        run()
    except KeyboardInterrupt:
        say("Stopping…")
    except (ProgramFailed, embedded.ServersFailed) as error:
        sys.exit(str(error))
    finally:
        embedded.leave()


def run() -> None:
    folder = embedded.servers().folder
    say("Starting PostgreSQL and Valkey…")
    embedded.join()
    state = _prepared(folder / "prepared.json")
    port = _free_port(int(os.environ.get("PORT") or PREFERRED_PORT))
    phone_port, smtp_port = _free_port(), _free_port()
    environment = _environment(
        port=port, phone_port=phone_port, smtp_port=smtp_port, password=state["password"]
    )
    logs = folder / "logs"
    programs = read_procfile(logs, environment)
    for program in programs:
        if program.name == "web":
            program.is_ready = functools.partial(_answers, f"http://127.0.0.1:{port}/healthz")
    sinks = [sys.executable, "-m", "demo.sinks", "--folder", str(folder / "sinks")]
    sinks += ["--http", str(phone_port), "--smtp", str(smtp_port)]
    programs.append(Program("sinks", sinks, logs / "sinks.log", environment))
    supervisor = Supervisor(programs, say)
    say("Starting the web server…")
    with addresses.noted(environment), supervisor.running():
        _welcome(port, phone_port, state, logs)
        supervisor.watch()


def say(text: str) -> None:
    print(text, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _prepared(stamp: Path) -> dict[str, Any]:
    """What the last preparation noted, preparing anew when a migration has changed since."""
    external = bool(os.environ.get("DATABASE_URL"))
    if not external and stamp.exists():
        state: dict[str, Any] = json.loads(stamp.read_text(encoding="utf-8"))
        if state["migrations"] == fingerprint_of_migrations():
            return state
    command = [sys.executable, "manage.py", "prepare_demo", "--stamp", str(stamp)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise ProgramFailed("The database could not be prepared; the reason stands above.")
    fresh: dict[str, Any] = json.loads(stamp.read_text(encoding="utf-8"))
    return fresh


def _environment(*, port: int, phone_port: int, smtp_port: int, password: str) -> dict[str, str]:
    chosen = embedded.servers()
    defaults = {
        "CLINIC_NAME": "Клиника «Опора»",
        "DATABASE_URL": chosen.database_url,
        "REDIS_URL": chosen.redis_url,
        "PUBLIC_URL": f"http://localhost:{port}",
    }
    ours = {
        "BIND": f"127.0.0.1:{port}",
        "DEMO_PASSWORD": password,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(smtp_port),
        "SMS_GATEWAY_URL": f"http://127.0.0.1:{phone_port}",
    }
    return defaults | os.environ | ours


def _free_port(preferred: int = 0) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                say(f"Port {port} is taken; another one will do.")
                continue
            return int(probe.getsockname()[1])
    raise ProgramFailed("No free port on this machine.")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 — our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _welcome(port: int, phone_port: int, state: dict[str, Any], logs: Path) -> None:
    say("")
    say(f"  Clinic CRM       http://localhost:{port}/")
    say(f"  Patients' phone  http://localhost:{phone_port}/")
    say("")
    for role, username in state["logins"]:
        say(f"  {role:<14}  {username} / {state['password']}")
    for line in describe_age(state, logs.parent, now=datetime.now(UTC)):
        say(line)
    say("")
    say(f"Logs are in {os.path.relpath(logs)}. Ctrl-C stops everything.")


def describe_age(state: Mapping[str, Any], folder: Path, *, now: datetime) -> list[str]:
    """Say so when the demo clinic, loaded with two weeks ahead, is coming to the end of them."""
    until = state.get("planned_until")
    if not until or datetime.fromisoformat(until) > now + ENOUGH_AHEAD:
        return []
    is_ours = not os.environ.get("DATABASE_URL")
    way = f"rm -r {os.path.relpath(folder)}" if is_ours else "give it an empty database"
    return [
        "",
        f"  The shifts of this demo clinic end on {until[:10]}: its board is empty after that.",
        f"  For a fresh one stop it, {way}, and start again. What you changed in it is lost.",
    ]


if __name__ == "__main__":
    main()
