"""What every condition means, in plain Python over plain rows: nothing of the compiler is used."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from appointments.models import Appointment, PatientTotals, VisitLine
from feedback.models import Answer, Case
from intake.models import Request
from loyalty.models import PointAccount
from packages.models import Package
from patients.models import Consent, ContactPoint, Patient, Relation
from prescriptions.models import PrescriptionLine
from tests.campaigns.segments.base import NOW, TODAY
from worklist.models import Task

MOSCOW = ZoneInfo("Europe/Moscow")


class Oracle:
    """All rows, read once; `picks` goes through the patients one by one."""

    def __init__(self) -> None:
        self.patients = list(Patient.objects.select_related("branch"))
        self.totals = {row.patient_id: row for row in PatientTotals.objects.all()}
        self.points = {row.patient_id: row.balance for row in PointAccount.objects.all()}
        self.packages = _by_patient(Package.objects.prefetch_related("parts"))
        self.contacts = _by_patient(ContactPoint.objects.order_by("id"))
        self.consents = _by_patient(Consent.objects.order_by("id"))
        self.appointments = _by_patient(Appointment.objects.order_by("id"))
        self.answers = _by_patient(Answer.objects.order_by("answered_at", "id"))
        self.cases = _by_patient(Case.objects.all())
        self.requests = _by_patient(Request.objects.all())
        self.tasks = _by_patient(Task.objects.all())
        self.related = {
            patient
            for pair in Relation.objects.values_list("patient", "relative")
            for patient in pair
        }
        self.lines: dict[int, list[PrescriptionLine]] = defaultdict(list)
        for line in PrescriptionLine.objects.select_related("prescription"):
            self.lines[line.prescription.patient_id].append(line)
        self.rendered: dict[int, list[VisitLine]] = defaultdict(list)
        for item in VisitLine.objects.select_related("visit__appointment", "service"):
            self.rendered[item.visit.appointment.patient_id].append(item)

    def picks(self, rule: dict[str, Any]) -> set[int]:
        return {patient.pk for patient in self.patients if self.holds(rule, patient)}

    def holds(self, rule: dict[str, Any], patient: Patient) -> bool:
        if "all" in rule:
            return all(self.holds(part, patient) for part in rule["all"])
        if "any" in rule:
            return any(self.holds(part, patient) for part in rule["any"])
        if "not" in rule:
            return not self.holds(rule["not"], patient)
        return self._condition(rule["trait"], rule["op"], rule.get("value"), patient)

    def _condition(self, trait: str, op: str, value: Any, patient: Patient) -> bool:
        if trait in FLAGS:
            return FLAGS[trait](self, patient) is (op == "yes")
        if trait in NUMBERS:
            return _compare_number(NUMBERS[trait](self, patient), op, value)
        if trait in DATES:
            return _compare_date(DATES[trait](self, patient), op, value)
        if trait in CHOICES:
            return _compare_choice(CHOICES[trait](patient), op, value)
        if trait in DEEDS:
            return _compare_deeds(list(DEEDS[trait](self, patient)), op, value)
        return OTHERS[trait](self, patient, op, value)

    def sum_of(self, patient: Patient, column: str) -> Any:
        row = self.totals.get(patient.pk)
        return getattr(row, column) if row else 0

    def moment_of(self, patient: Patient, column: str) -> date | None:
        row = self.totals.get(patient.pk)
        moment = getattr(row, column) if row else None
        return _day(moment) if moment else None

    def live_channels(self, patient: Patient, purpose: str) -> set[str]:
        newest: dict[str, str] = {}
        for row in self.consents[patient.pk]:
            if row.purpose == purpose:
                newest[row.channel] = row.action
        return {channel for channel, action in newest.items() if action == "GIVEN"}


def _by_patient(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.patient_id].append(row)
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(MOSCOW).date()


def _years(born_on: date | None) -> int | None:
    if born_on is None:
        return None
    return next(
        years
        for years in range(130)
        if (born_on.year + years + 1, born_on.month, born_on.day)
        > (TODAY.year, TODAY.month, TODAY.day)
    )


def _days_since(day: date | None) -> int | None:
    return None if day is None else (TODAY - day).days


def _average(oracle: Oracle, patient: Patient) -> Decimal | None:
    visits = oracle.sum_of(patient, "visits")
    return oracle.sum_of(patient, "spent") / visits if visits else None


def _last_score(oracle: Oracle, patient: Patient) -> int | None:
    return oracle.answers[patient.pk][-1].score if oracle.answers[patient.pk] else None


def _in_use(oracle: Oracle, patient: Patient) -> list[Package]:
    return [
        one
        for one in oracle.packages[patient.pk]
        if one.status in {"WAITING", "FROZEN"}
        or (one.status == "ACTIVE" and one.ends_at is not None and one.ends_at > NOW)
    ]


def _days_to_end(oracle: Oracle, patient: Patient) -> int | None:
    ends = [one.ends_at for one in _in_use(oracle, patient) if one.status == "ACTIVE"]
    return min(((end - NOW).days for end in ends if end), default=None)


Deed = tuple[Any, date]
"""Its type and its day."""


def _deeds_of(
    rows: Callable[[Oracle, Patient], list[Any]], status: str, of: str, at: str
) -> Callable[[Oracle, Patient], Iterator[Deed]]:
    def deeds(oracle: Oracle, patient: Patient) -> Iterator[Deed]:
        for row in rows(oracle, patient):
            if row.status == status:
                yield getattr(row, of), _day(getattr(row, at))

    return deeds


def _rendered(of: Callable[[VisitLine], Any]) -> Callable[[Oracle, Patient], Iterator[Deed]]:
    def deeds(oracle: Oracle, patient: Patient) -> Iterator[Deed]:
        for item in oracle.rendered[patient.pk]:
            yield of(item), _day(item.visit.appointment.starts_at)

    return deeds


FLAGS: dict[str, Callable[[Oracle, Patient], bool]] = {
    "has_phone": lambda o, p: any(c.kind == "PHONE" and c.is_valid for c in o.contacts[p.pk]),
    "has_email": lambda o, p: any(c.kind == "EMAIL" and c.is_valid for c in o.contacts[p.pk]),
    "data_consent": lambda o, p: bool(o.live_channels(p, "PERSONAL_DATA")),
    "reachable": lambda o, p: p.is_reachable,
    "has_family": lambda o, p: p.pk in o.related,
    "booked": lambda o, p: any(
        a.status in {"BOOKED", "CONFIRMED"} and a.starts_at >= NOW for a in o.appointments[p.pk]
    ),
    "has_package": lambda o, p: bool(_in_use(o, p)),
    "open_case": lambda o, p: any(c.status != "RESOLVED" for c in o.cases[p.pk]),
    "open_course": lambda o, p: any(
        line.status not in {"FINISHED", "DROPPED"} for line in o.lines[p.pk]
    ),
    "open_request": lambda o, p: any(r.status in {"NEW", "IN_WORK"} for r in o.requests[p.pk]),
    "open_task": lambda o, p: any(t.status == "OPEN" for t in o.tasks[p.pk]),
}

NUMBERS: dict[str, Callable[[Oracle, Patient], Any]] = {
    "age": lambda o, p: _years(p.birth_on),
    "visits": lambda o, p: o.sum_of(p, "visits"),
    "no_shows": lambda o, p: o.sum_of(p, "no_shows"),
    "cancellations": lambda o, p: o.sum_of(p, "cancellations"),
    "days_since_visit": lambda o, p: _days_since(o.moment_of(p, "last_visit_at")),
    "spent": lambda o, p: o.sum_of(p, "spent"),
    "average_bill": _average,
    "debt": lambda o, p: o.sum_of(p, "debt"),
    "points": lambda o, p: o.points.get(p.pk, 0),
    "package_sessions": lambda o, p: sum(
        part.balance for one in _in_use(o, p) for part in one.parts.all()
    ),
    "package_days": _days_to_end,
    "last_score": _last_score,
}

DATES: dict[str, Callable[[Oracle, Patient], date | None]] = {
    "registered": lambda o, p: _day(p.created_at),
    "first_visit": lambda o, p: o.moment_of(p, "first_visit_at"),
    "last_visit": lambda o, p: o.moment_of(p, "last_visit_at"),
}

CHOICES: dict[str, Callable[[Patient], Any]] = {
    "sex": lambda p: p.sex,
    "branch": lambda p: p.branch_id,
    "city": lambda p: p.branch.city if p.branch else None,
    "source": lambda p: p.source_id,
    "language": lambda p: p.language,
    "attitude": lambda p: "" if p.status == "NONE" else p.status,
    "channel": lambda p: p.channel,
}

DEEDS: dict[str, Callable[[Oracle, Patient], Iterator[Deed]]] = {
    "service": _rendered(lambda item: item.service_id),
    "service_kind": _rendered(lambda item: item.service.kind),
    "doctor": _deeds_of(lambda o, p: o.appointments[p.pk], "DONE", "employee_id", "starts_at"),
    "visited_branch": _deeds_of(
        lambda o, p: o.appointments[p.pk], "DONE", "branch_id", "starts_at"
    ),
    "cancel_reason": _deeds_of(
        lambda o, p: o.appointments[p.pk], "CANCELLED", "cancel_reason", "starts_at"
    ),
    "course_dropped": _deeds_of(lambda o, p: o.lines[p.pk], "DROPPED", "drop_reason", "closed_at"),
    "request_lost": _deeds_of(lambda o, p: o.requests[p.pk], "LOST", "loss_reason", "created_at"),
}


def _compare_number(number: Decimal | int | None, op: str, value: Any) -> bool:
    if op == "empty":
        return number is None
    if number is None:
        return False
    if op == "between":
        return Decimal(str(value[0])) <= number <= Decimal(str(value[1]))
    asked = Decimal(str(value))
    return {"gte": number >= asked, "lte": number <= asked, "eq": number == asked}[op]


def _compare_date(day: date | None, op: str, value: Any) -> bool:
    if op == "never":
        return day is None
    if day is None:
        return False
    match op:
        case "last_days":
            return TODAY - timedelta(days=value) <= day <= TODAY
        case "older_days":
            return (TODAY - day).days > int(value)
        case "since":
            return day >= date.fromisoformat(value)
        case "before":
            return day < date.fromisoformat(value)
        case "between":
            return date.fromisoformat(value[0]) <= day <= date.fromisoformat(value[1])
    raise AssertionError(op)


def _compare_choice(chosen: Any, op: str, value: list[Any]) -> bool:
    match op:
        case "empty":
            return not chosen
        case "filled":
            return bool(chosen)
        case "in":
            return chosen in value
        case "not_in":
            return chosen not in value
    raise AssertionError(op)


def _compare_deeds(deeds: list[Deed], op: str, value: Any) -> bool:
    counted: int = sum(
        of in value["of"] and (value.get("days") is None or (TODAY - day).days <= value["days"])
        for of, day in deeds
    )
    least: int = value.get("times", 1)
    return counted >= least if op == "did" else counted == 0


def _birthday(oracle: Oracle, patient: Patient, op: str, value: int) -> bool:
    born_on = patient.birth_on
    comes = born_on is not None and any(
        _celebrates(born_on, TODAY + timedelta(days=days)) for days in range(value + 1)
    )
    return comes if op == "within" else not comes


def _celebrates(born_on: date, day: date) -> bool:
    if (born_on.month, born_on.day) == (2, 29):
        is_28_february = (day.month, day.day) == (2, 28)
        return (day.month, day.day) == (2, 29) or (
            is_28_february and (day + timedelta(days=1)).month == 3
        )
    return (born_on.month, born_on.day) == (day.month, day.day)


def _consent(oracle: Oracle, patient: Patient, op: str, value: list[str]) -> bool:
    agreed = oracle.live_channels(patient, "MARKETING") & set(value)
    return {"any": bool(agreed), "all": agreed == set(value), "none": not agreed}[op]


def _refusal(oracle: Oracle, patient: Patient, op: str, value: str | None) -> bool:
    said = patient.refusal_reason
    match op:
        case "empty":
            return not said
        case "filled":
            return bool(said)
    is_in = str(value).strip().lower() in said.lower()
    return is_in if op == "contains" else not is_in


OTHERS: dict[str, Callable[[Oracle, Patient, str, Any], bool]] = {
    "birthday": _birthday,
    "marketing_consent": _consent,
    "refusal_reason": _refusal,
}
