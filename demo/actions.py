"""The demo clinic, from an empty database to a year of work and two weeks ahead."""

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from campaigns.actions import start_scenario
from campaigns.models import Scenario
from clinic.formats import format_phone
from clinic.models import Branch, Employee, Service, Setting
from demo import courses, diary, people, texts
from demo.catalogue import OFFERS
from demo.copying import copy_rows
from demo.diary import Diary, Row
from demo.offers import put_packages_on_sale
from demo.online import open_online
from demo.people import Newcomers, make_people
from demo.planning import plan_ahead
from demo.requests import REQUEST_COLUMNS, Strangers
from demo.staff import Chain, House, open_doors
from demo.tables import TABLES
from outbox.errors import Refused
from outbox.models import Event
from patients.models import Patient

PAIR_OF_BRANCHES = 2_000
"""Patients that a large and a small branch can see: more of them make a longer chain."""
SHARES = (3, 2)
"""How the patients of a pair divide between the large branch and the small one."""
SQL = sorted((Path(__file__).parent / "sql").glob("*.sql"))
EXTRA_OFFER = next(offer for offer in OFFERS if offer.code == "taping")

WITHOUT_COUNTER = {"clinic_setting", "appointments_patienttotals", "loyalty_pointaccount"}

Report = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


class NotEmpty(Refused):
    code = "database_not_empty"
    message = _(
        "The database already holds a clinic; the demo would mix with its data. "
        "Start with an empty database."
    )


class WrongSize(Refused):
    code = "wrong_size"
    message = _("The demo takes from 10 to 1,000,000 patients.")


@transaction.atomic
def load_demo(*, patients: int, seed: int, now: datetime, report: Report) -> dict[str, int]:
    """Fill the empty database and return the rows per table.

    The same `patients`, `seed` and `now` make the same rows, ids included. Raises `NotEmpty`,
    `WrongSize`.
    """
    if not 10 <= patients <= 1_000_000:
        raise WrongSize
    if any(model.objects.exists() for model in (Branch, Employee, Service, Patient, Event)):
        raise NotEmpty
    pairs = math.ceil(patients / PAIR_OF_BRANCHES)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _set_counters(cursor)
        chain = open_doors(random.Random(f"{seed}:staff"), branches=2 * pairs, now=now)
        put_packages_on_sale(chain.services)
        workers = (worker for house in chain.houses for worker in house.workers)
        open_online(random.Random(f"{seed}:online"), workers, now=now)
        loader = _Loader(cursor, chain, seed, now, report)
        loader.run(patients, largest=math.ceil(patients / pairs * SHARES[0] / sum(SHARES)))
        _set_counters(cursor)
        plan_ahead(chain.houses, now=now)
        _start_scenarios(now)
        cursor.execute("ANALYZE")
        return _count_rows(cursor)


@dataclass
class _Loader:
    """Fills one branch after another; what follows from the visits is one statement each."""

    cursor: Any
    chain: Chain
    seed: int
    now: datetime
    report: Report
    next_patient: int = 1
    next_appointment: int = 1
    next_course: int = 1
    steps: int = 0

    def run(self, patients: int, *, largest: int) -> None:
        dice_sql, *_rest = SQL
        self.cursor.execute(dice_sql.read_text(encoding="utf-8"), {"seed": self.seed})
        left = patients
        for number, house in enumerate(self.chain.houses):
            share = largest * SHARES[number % 2] // SHARES[0]
            count = left if house is self.chain.houses[-1] else min(share, left)
            self._fill(house, count)
            left -= count

    def _fill(self, house: House, count: int) -> None:
        dice = random.Random(f"{self.seed}:{house.branch.pk}")
        first_patient, first_appointment = self.next_patient, self.next_appointment
        first_course = self.next_course
        self.next_patient += count
        self._add_people(house, dice, first_patient, count)
        self._add_diary(house, dice)
        values = self._values(house) | {
            "first_patient": first_patient,
            "last_patient": self.next_patient - 1,
            "first": first_appointment,
            "last": self.next_appointment - 1,
            "first_course": first_course,
            "last_course": self.next_course - 1,
        }
        for path in SQL[1:]:
            self.cursor.execute(path.read_text(encoding="utf-8"), values)
            self._step()

    def _add_people(self, house: House, dice: random.Random, first_id: int, count: int) -> None:
        zone, now = house.branch.zone, self.now
        newcomers = Newcomers(dice, zone, now.astimezone(zone).date(), diary.HISTORY_DAYS)
        self.people = make_people(
            dice, newcomers, first_id=first_id, count=count, sources=self.chain.sources
        )
        rows = people.patient_rows(dice, self.people, branch_id=house.branch.pk)
        self._copy("patients_patient", people.PATIENT_COLUMNS, rows)
        self._copy(
            "patients_contactpoint", people.CONTACT_COLUMNS, people.contact_rows(self.people)
        )
        self._copy("patients_relation", people.RELATION_COLUMNS, people.relation_rows(self.people))
        consents = people.consent_rows(dice, self.people, now=now)
        self._copy("patients_consent", people.CONSENT_COLUMNS, consents)
        strangers = Strangers(
            dice, house.branch.pk, self.chain.sources, list(self.chain.services.values()), now
        )
        self._copy("intake_request", REQUEST_COLUMNS, strangers.rows(count))
        self._step()

    def _add_diary(self, house: House, dice: random.Random) -> None:
        book = Diary(
            dice=dice,
            now=self.now,
            branch_id=house.branch.pk,
            zone=house.branch.zone,
            workers=house.workers,
            services=self.chain.services,
            reception=house.reception,
            next_appointment=self.next_appointment,
            next_course=self.next_course,
        )
        book.run(self.people)
        self.next_appointment, self.next_course = book.next_appointment, book.next_course
        for table, columns, rows in (
            ("clinic_shift", diary.SHIFT_COLUMNS, book.shifts),
            ("clinic_timeoff", diary.TIME_OFF_COLUMNS, book.times_off),
            ("appointments_appointment", diary.APPOINTMENT_COLUMNS, book.appointments),
            (
                "prescriptions_prescription",
                courses.PRESCRIPTION_COLUMNS,
                courses.prescription_rows(book),
            ),
            (
                "prescriptions_prescriptionline",
                courses.LINE_COLUMNS,
                courses.line_rows(book, dice),
            ),
            ("prescriptions_session", courses.SESSION_COLUMNS, courses.session_rows(book)),
        ):
            self._copy(table, columns, rows)
        self._step()

    def _values(self, house: House) -> dict[str, object]:
        """What the statements know besides the ranges of ids."""
        chain = self.chain
        return {
            "now": self.now,
            "branch": house.branch.pk,
            "branch_address": house.branch.address,
            "branch_phone": format_phone(house.branch.phone),
            "zone": house.branch.time_zone,
            "cashier": house.reception[0] if house.reception else chain.cashier,
            "manager": chain.manager.pk,
            "manager_user": chain.manager.user_id,
            "extra_service": chain.services[EXTRA_OFFER.code],
            "extra_price": EXTRA_OFFER.price,
            "points_share": Setting.load().points_share,
            "praise": texts.PRAISE,
            "remarks": texts.REMARKS,
            "complaints": texts.COMPLAINTS,
            "resolutions": texts.RESOLUTIONS,
            "call_results": texts.CALL_RESULTS,
            "win_back_results": texts.WIN_BACK_RESULTS,
            "refund_reasons": texts.REFUND_REASONS,
        }

    def _copy(self, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        copy_rows(self.cursor, table, columns, rows)

    def _step(self) -> None:
        self.steps += 1
        self.report(self.steps, len(self.chain.houses) * (len(SQL) + 1))


def _start_scenarios(now: datetime) -> None:
    """Reminders and the rest run from now on; nobody is written to for the year behind."""
    for scenario_id in Scenario.objects.filter(is_active=False).values_list("pk", flat=True):
        start_scenario(scenario_id=scenario_id, since=None, now=now)


def _set_counters(cursor: Any) -> None:
    """The next id follows the greatest one, and is 1 in an empty table, whatever came before."""
    for table in TABLES:
        if table not in WITHOUT_COUNTER:
            cursor.execute(_COUNTER.format(table=sql.Identifier(table), name=sql.Literal(table)))


_COUNTER = sql.SQL(
    "SELECT setval(pg_get_serial_sequence({name}, 'id'), coalesce(max(id), 0) + 1, false)"
    " FROM {table}"
)


def _count_rows(cursor: Any) -> dict[str, int]:
    counts = {}
    for table in TABLES:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        counts[table] = cursor.fetchone()[0]
    return counts
