"""A batch of checked rows made into patients, consents and past visits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time

from appointments.actions import refresh_totals_of
from clinic.names import fold
from intake.actions.imports.checking import read_records
from intake.actions.imports.files import list_ready
from intake.actions.imports.visits import Told, add_visits
from intake.events import VisitImported
from intake.models import Import, ImportRow, RowDecision, RowOutcome
from intake.queries.matching import Books
from intake.records import Record
from outbox.actions import record_events
from patients.actions import (
    ContactDetails,
    Newcomer,
    PatientDetails,
    add_patients,
    give_consent,
)
from patients.models import (
    Channel,
    Consent,
    ConsentAction,
    ConsentOrigin,
    ConsentPurpose,
    ContactKind,
    ContactPoint,
    Source,
)

BATCH = 300
GAVE = "gave"
"""The remark of a consent that the row brought: `gave:MARKETING:SMS`."""


def run_next(file: Import, *, now: datetime) -> bool:
    """Carry out a batch; False when nothing is left to do. For a step that holds the import."""
    rows = list(list_ready(file)[:BATCH])
    if not rows:
        return False
    records = read_records(file, rows, now=now)
    sensible = [row for row in rows if row.number in records]
    newcomers = _tell_who_is_who(file, sensible, records)
    _add_newcomers(file, newcomers, records, now=now)
    _settle(sensible, {row.number: row.patient_id for row in newcomers})
    settled = [row for row in sensible if row.patient_id is not None]
    _give_consents(file, settled, records, now=now)
    _add_past_visits(file, settled, records, now=now)
    for row in settled:
        row.is_done = True
    changed = ("outcome", "reason", "remarks", "candidate", "is_done", "has_added", "patient")
    ImportRow.objects.bulk_update(rows, [*changed, "appointment"], batch_size=100)
    return True


def _tell_who_is_who(
    file: Import, rows: Sequence[ImportRow], records: Mapping[int, Record]
) -> list[ImportRow]:
    """Give the rows their known patients and return those who are to be added.

    The books are asked once more: reception has worked since the check, and rows of this very
    file may resemble each other. Whoever has come to resemble somebody is held back for a
    decision. A patient who is yet to be added has the number of his row, negative, for an id.
    """
    heads = _find_heads(file, rows)
    books = Books([records[row.number] for row in rows])
    newcomers: list[ImportRow] = []
    for row in rows:
        record = records[row.number]
        match = books.match(record)
        if row.identity in heads:
            row.patient_id = heads[row.identity]
        elif row.decision == RowDecision.JOIN:
            row.patient_id = row.candidate_id
        elif match.outcome == RowOutcome.SAME:
            row.outcome, row.patient_id = RowOutcome.SAME, match.candidate_id
        elif match.outcome == RowOutcome.NEW or row.decision == RowDecision.SEPARATE:
            newcomers.append(row)
            heads[row.identity] = -row.number
            books.add(record, -row.number)
        else:
            row.outcome, row.candidate_id = RowOutcome.DOUBTFUL, match.candidate_id
    return newcomers


def _find_heads(file: Import, rows: Sequence[ImportRow]) -> dict[str, int]:
    """Return the patients that earlier batches made of the same people."""
    done = file.rows.filter(is_done=True, identity__in={row.identity for row in rows})
    found = done.exclude(patient=None).order_by("-number").values_list("identity", "patient_id")
    return {identity: int(patient_id) for identity, patient_id in found}


def _settle(rows: Sequence[ImportRow], added: Mapping[int, int | None]) -> None:
    """Put real ids where the number of a row stood for one."""
    for row in rows:
        if row.patient_id is not None and row.patient_id < 0:
            row.patient_id = added[-row.patient_id]
        if row.candidate_id is not None and row.candidate_id < 0:
            row.candidate_id = added[-row.candidate_id]


def _add_newcomers(
    file: Import, rows: Sequence[ImportRow], records: Mapping[int, Record], *, now: datetime
) -> None:
    sources = _list_sources()
    newcomers = []
    for row in rows:
        record = records[row.number]
        known_on = min(
            filter(None, (record.added_on, record.visit.on if record.visit else None)),
            default=None,
        )
        since = now
        if known_on is not None:
            since = datetime.combine(known_on, time(), tzinfo=file.branch.zone).astimezone(UTC)
        newcomers.append(Newcomer(_describe(record, file.branch_id, sources), since))
    patients = add_patients(newcomers=newcomers, actor_id=file.actor_id, now=now)
    for row, patient in zip(rows, patients, strict=True):
        row.patient_id, row.has_added = patient.pk, True


def _list_sources() -> dict[str, int]:
    """Sources by folded name and by code; a name that nobody knows is not invented."""
    sources = {}
    for source in Source.objects.all():
        sources[fold(source.name)] = sources[fold(source.code)] = source.pk
    return sources


def _describe(record: Record, branch_id: int, sources: Mapping[str, int]) -> PatientDetails:
    return PatientDetails(
        last_name=record.last_name,
        first_name=record.first_name,
        middle_name=record.middle_name,
        birth_on=record.birth_on,
        sex=record.sex,
        branch_id=branch_id,
        source_id=sources.get(fold(record.source)),
        channel=Channel.SMS if record.phones or not record.emails else Channel.EMAIL,
        note=record.note,
        contacts=[
            *(ContactDetails(kind=ContactKind.PHONE, value=phone) for phone in record.phones),
            *(ContactDetails(kind=ContactKind.EMAIL, value=email) for email in record.emails),
        ],
    )


def _give_consents(
    file: Import, rows: Sequence[ImportRow], records: Mapping[int, Record], *, now: datetime
) -> None:
    """Give what the file says was given, with the basis that was stated.

    Nobody who has ever answered for himself is answered for: a row of the past, grant or
    withdrawal, stands. No offers go to an address from which anybody has withdrawn.
    """
    wanted = [(row, consent) for row in rows for consent in records[row.number].consents]
    if not wanted:
        return
    answered = _list_answers({row.patient_id for row, _consent in wanted if row.patient_id})
    refused = _list_refused_addresses(records[row.number] for row, _consent in wanted)
    for row, (purpose, channel) in wanted:
        record = records[row.number]
        addresses = record.phones if channel == Channel.SMS else record.emails
        if row.patient_id is None or (row.patient_id, purpose, channel) in answered:
            continue
        if purpose == ConsentPurpose.MARKETING and (
            not addresses or not refused[channel].isdisjoint(addresses)
        ):
            continue
        give_consent(
            patient_id=row.patient_id,
            purpose=purpose,
            channel=channel,
            origin=ConsentOrigin.IMPORT,
            text=file.rules["basis"],
            actor_id=file.actor_id,
            ip=None,
            now=now,
        )
        answered.add((row.patient_id, purpose, channel))
        row.remarks = [*row.remarks, f"{GAVE}:{purpose}:{channel}"]


def _list_answers(patient_ids: Collection[int]) -> set[tuple[int, str, str]]:
    rows = Consent.objects.filter(patient_id__in=patient_ids)
    return set(rows.values_list("patient_id", "purpose", "channel"))


def _list_refused_addresses(records: Iterable[Record]) -> dict[str, set[str]]:
    """Return per channel the addresses that belong to somebody whose last word was no."""
    addresses = {value for record in records for value in (*record.phones, *record.emails)}
    newest = (
        Consent.objects.filter(
            purpose=ConsentPurpose.MARKETING, patient__contacts__value__in=addresses
        )
        .order_by("patient_id", "channel", "-id")
        .distinct("patient_id", "channel")
    )
    refused: dict[str, set[str]] = {channel: set() for channel in Channel.values}
    for consent in newest:
        if consent.action == ConsentAction.WITHDRAWN:
            contacts = ContactPoint.objects.filter(patient_id=consent.patient_id)
            refused[consent.channel].update(contacts.values_list("value", flat=True))
    return refused


def _add_past_visits(
    file: Import, rows: Sequence[ImportRow], records: Mapping[int, Record], *, now: datetime
) -> None:
    told = [
        Told(row=row.number, patient_id=row.patient_id, visit=visit)
        for row in rows
        if row.patient_id is not None and (visit := records[row.number].visit) is not None
    ]
    if not told:
        return
    added = add_visits(file, told, now=now)
    events = []
    for row in rows:
        row.appointment_id = added.get(row.number)
        if row.appointment_id is not None:
            events.append(
                VisitImported(
                    patient_id=row.patient_id,
                    appointment_id=row.appointment_id,
                    import_id=file.pk,
                )
            )
    record_events(events, actor_id=file.actor_id, now=now)
    refresh_totals_of(patient_ids={visit.patient_id for visit in told})
