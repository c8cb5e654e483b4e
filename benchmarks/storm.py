"""Kills web, worker, beat and senders while messages are due: none may be lost, none doubled.

The real processes of `Procfile` under the product's own supervisor, on a copy of the demo clinic.
The fake SMS gateway is not killed. It accepts an id as often as it comes, so nothing but the
product keeps a text from going twice, and its journal on disk is what is counted. Two more storms
have a mechanism of the sender switched off (`benchmarks.storming.weakened`): they must find fault.
"""

import contextlib
import json
import os
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 — a class

from benchmarks.harness import (
    SEED,
    Report,
    at_least,
    at_most,
    create_database,
    database_url,
    demo_database,
    drop_database,
)
from benchmarks.storming.kills import Storm
from clinic_crm import embedded
from clinic_crm.supervisor import Program, ProgramFailed, Supervisor, read_procfile

DATABASE = "storm"
PATIENTS = 2_000
LEASE_SECONDS = 5
LATENCY = 0.4  # seconds the gateway takes to answer: what a kill can fall into
SECONDS_TO_RAGE = 900
SECONDS_TO_DRAIN = 180
MOST_KILLS = 1.5  # times the kills asked for; then the rest goes out in peace
SECONDS_PER_LINE = 5.0
SIGN_OF_BEAT = "beat"
NOON = 12
GATEWAY_IS_UP = re.compile(r"^http=(?P<http>\d+) smtp=(?P<smtp>\d+)$", re.MULTILINE)

COUNT_WAITING = """
    SELECT count(*) FROM messaging_message
    WHERE key LIKE 'storm:%' AND status IN ('QUEUED', 'SENDING')
"""
DUE_MESSAGES = """
    INSERT INTO messaging_message (
        key, patient_id, kind, purpose, channel, language, address, subject, body, unsubscribe_url,
        zone, subject_kind, subject_mark, send_at, expires_at, status, reason, attempts,
        provider_id, is_possible_duplicate, created_at
    )
    SELECT 'storm:' || copy || ':' || patient.id, patient.id, 'appointment_reminder', 'SERVICE',
        'SMS', 'ru', contact.value, '', 'Ждём вас завтра в 10:00', '',
        %(zone)s, '', '', %(now)s, %(now)s + interval '1 day', 'QUEUED', '', 0,
        '', false, %(now)s
    FROM patients_patient patient
    JOIN patients_contactpoint contact ON contact.patient_id = patient.id
    CROSS JOIN generate_series(1, 10) copy
    WHERE patient.is_reachable AND contact.kind = 'PHONE' AND contact.is_valid
        AND contact.is_primary
    ORDER BY copy, patient.id
    LIMIT %(messages)s
    RETURNING id
"""


@dataclass(frozen=True)
class Weather:
    """How hard it blows; `control` names the mechanism that is switched off, if any."""

    messages: int
    kills: int
    control: str = ""


@dataclass(frozen=True)
class Toll:
    """What the gateway's journal says."""

    kills: Mapping[str, int]
    messages: int
    lost: int
    doubled: int
    seconds_to_drain: float

    def __str__(self) -> str:
        kills = sum(self.kills.values())
        return f"{kills=} messages={self.messages} lost={self.lost} doubled={self.doubled}"


def run(report: Report) -> None:
    toll = storm(Weather(messages=2_000, kills=100), report)
    print(toll, flush=True)
    for name, kills in sorted(toll.kills.items()):
        report.figure(f"storm.kills.{name}", kills, "kills")
    report.figure("storm.kills", sum(toll.kills.values()), "kills", at_least(100))
    report.figure("storm.lost", toll.lost, "messages", at_most(0))
    report.figure("storm.doubled", toll.doubled, "messages", at_most(0))
    drained, allowed = toll.seconds_to_drain, at_most(SECONDS_TO_DRAIN)
    report.figure("storm.drained", drained, "s after the last kill", allowed)
    toll = storm(Weather(messages=500, kills=20, control="mark-first"), report)
    report.figure("storm.control.mark_first.lost", toll.lost, "messages", at_least(1))
    toll = storm(Weather(messages=500, kills=20, control="no-look-up"), report)
    report.figure("storm.control.no_look_up.doubled", toll.doubled, "messages", at_least(1))


def storm(weather: Weather, report: Report) -> Toll:
    """Queue the messages, kill until all are out, wait for the rest, count."""
    folder = embedded.servers().folder / "storm"
    shutil.rmtree(folder, ignore_errors=True)
    with _clinic(report) as database, _gateway(folder) as ports:
        ids = _queue_messages(database, weather.messages)
        programs = _list_programs(folder, ports, weather.control)
        supervisor = Supervisor(programs, say=lambda _text: None)
        with supervisor.running():
            weather_now = Storm(supervisor, folder / SIGN_OF_BEAT, SEED)
            _rage(weather_now, weather, database, report)
            seconds_to_drain = _drain(weather_now, database, report)
        accepted = _read_journal(folder)
    return Toll(
        kills=weather_now.kills,
        messages=len(ids),
        lost=sum(id_ not in accepted for id_ in ids),
        doubled=sum(times - 1 for times in accepted.values()),
        seconds_to_drain=seconds_to_drain,
    )


def _rage(storm: Storm, weather: Weather, database: Connection, report: Report) -> None:
    """Kill as often as asked and on until all is out, within bounds."""
    control = f" without its mechanism ({weather.control})" if weather.control else ""
    kills, most = 0, weather.kills * MOST_KILLS
    waiting, told_at = weather.messages, 0.0
    until = time.monotonic() + SECONDS_TO_RAGE
    while kills < most and (kills < weather.kills or waiting) and time.monotonic() < until:
        storm.blow()
        kills, waiting = storm.kills.total(), _count_waiting(database)
        if time.monotonic() - told_at > SECONDS_PER_LINE:
            told_at = time.monotonic()
            report.progress(f"storm{control}: {kills} kills, {waiting} messages waiting")


def _drain(storm: Storm, database: Connection, report: Report) -> float:
    """Wait until no message is on its way, within bounds; return how many seconds that took."""
    started, seconds = time.monotonic(), 0.0
    while (waiting := _count_waiting(database)) and seconds < SECONDS_TO_DRAIN:
        report.progress(f"the storm is over, {waiting} messages waiting")
        storm.keep_up(1)
        seconds = time.monotonic() - started
    return seconds


@contextlib.contextmanager
def _clinic(report: Report) -> Iterator[Connection]:
    """A connection to a fresh copy of the demo clinic."""
    template = urlsplit(demo_database(report, PATIENTS)).path.removeprefix("/")
    drop_database(DATABASE)
    create_database(DATABASE, template)
    connection = psycopg2.connect(database_url(DATABASE))
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()
        drop_database(DATABASE)


@contextlib.contextmanager
def _gateway(folder: Path) -> Iterator[dict[str, str]]:
    """The fake gateway and mail server, up; their ports by name."""
    command = [sys.executable, "-m", "demo.sinks", "--folder", str(folder), "--http", "0"]
    log = folder / "sinks.log"
    sinks = Program("sinks", [*command, "--smtp", "0"], log, os.environ)
    sinks.is_ready = lambda: GATEWAY_IS_UP.search(sinks.last_words()) is not None
    with Supervisor([sinks]).running():
        found = GATEWAY_IS_UP.search(sinks.last_words())
        if found is None:
            raise ProgramFailed(sinks.last_words())
        scenario = json.dumps({"latency": LATENCY, "refuses_repeats": False}).encode()
        address = f"http://127.0.0.1:{found['http']}/__fake/scenario"
        with urlopen(Request(address, scenario), timeout=10):
            yield found.groupdict()


def _list_programs(folder: Path, ports: Mapping[str, str], control: str) -> list[Program]:
    """`Procfile`, the sender with a mechanism switched off when a control is named."""
    environment = os.environ | {
        "BEAT_SIGN_OF_LIFE": str(folder / SIGN_OF_BEAT),
        "BIND": "127.0.0.1:0",
        "DATABASE_URL": database_url(DATABASE),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": ports["smtp"],
        "MESSAGE_LEASE_SECONDS": str(LEASE_SECONDS),
        "REDIS_URL": embedded.servers().redis_url,
        "SMS_GATEWAY_URL": f"http://127.0.0.1:{ports['http']}",
        "STORM_CONTROL": control,
    }
    programs = read_procfile(folder / "logs", environment)
    for program in programs:
        if control and program.name == "sender":
            program.command = [
                "benchmarks.storming.weakened" if part == "clinic_crm.celery" else part
                for part in program.command
            ]
    return programs


def _queue_messages(database: Connection, messages: int) -> list[int]:
    """Reminders due now where it is noon, so that no night puts them off."""
    now = datetime.now(UTC)
    hours = NOON - now.hour
    zone = f"Etc/GMT{-hours:+d}"  # the sign is the other way round there
    with database.cursor() as cursor:
        cursor.execute(DUE_MESSAGES, {"now": now, "zone": zone, "messages": messages})
        return [id_ for (id_,) in cursor.fetchall()]


def _count_waiting(database: Connection) -> int:
    with database.cursor() as cursor:
        cursor.execute(COUNT_WAITING)
        ((waiting,),) = cursor.fetchall()
    return int(waiting)


def _read_journal(folder: Path) -> Counter[int]:
    """How often the gateway accepted each id."""
    lines = (folder / "sms.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(json.loads(line)["id"] for line in lines)
