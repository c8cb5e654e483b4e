"""One day of the clinic over real processes: web, worker, beat, gateway; time moves by `tick`.

The clinic of the journey stands where it is noon now, whatever hour the test is run at.
"""

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener, urlopen
from uuid import uuid4

import pytest

from tests.journeys.product import Product

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PHONE = "+79031112233"
PATIENCE = 60  # seconds that a worker may take on a busy machine

CLINIC = """
from datetime import time, timedelta
from django.utils import timezone
from clinic.actions import issue_token
from clinic.models import Branch, Employee, Role, Service, Shift, User
now = timezone.now()
shift = (12 - now.hour + 11) % 24 - 11
branch = Branch.objects.create(
    name="На площади", city="Полдень", address="пл. Мира, 1", phone="+74951234567",
    time_zone=f"Etc/GMT{-shift:+d}", opens_at=time(0), closes_at=time(23, 59))
services = Service.objects.filter(is_active=True)
service = services.filter(rooms=None).first() or services.first()
service.rooms.clear()
dmitry = User.objects.get(username="dmitry").employee
dmitry.branches.add(branch)
dmitry.services.add(service)
Shift.objects.filter(employee=dmitry, ends_at__gt=now).delete()
Shift.objects.create(employee=dmitry, branch=branch, starts_at=now - timedelta(hours=1),
                     ends_at=now + timedelta(hours=8))
Shift.objects.create(employee=dmitry, branch=branch, starts_at=now + timedelta(hours=47),
                     ends_at=now + timedelta(hours=53))
site = issue_token(name="site", role=Role.ADMINISTRATOR, now=now)
office = issue_token(name="office", role=Role.MANAGER, now=now)
print(json.dumps({
    "branch": branch.pk, "zone": branch.time_zone, "service": service.pk, "doctor": dmitry.pk,
    "name": service.name, "token": site.token, "manager": office.token}))
"""
CASES = """
from feedback.models import Case
print(json.dumps([case.answer.score for case in Case.objects.filter(patient_id={id})]))
"""
RUNS = """
from campaigns.models import Run
runs = Run.objects.filter(patient_id={id}, scenario__trigger="SILENCE")
print(json.dumps(list(runs.values_list("status", "left_reason"))))
"""


class Api:
    """The clinic's API as another system calls it."""

    def __init__(self, site: str, token: str) -> None:
        self.site, self.token = site, token

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.site}/api/v1/{path}", data=data, headers=headers, method=method)
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    def get(self, path: str, **query: object) -> Any:
        status, body = self.call("GET", f"{path}?{urlencode(query)}")
        assert status == 200, body
        return body

    def post(self, path: str, body: Any = None, key: str = "") -> Any:
        status, answer = self.call("POST", path, body or {}, key or uuid4().hex)
        assert status in (200, 201), answer
        return answer


class Phone:
    """The patient with a browser: opens a page, answers its form."""

    def __init__(self) -> None:
        self.browser: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, address: str) -> str:
        with self.browser.open(address, timeout=30) as page:
            return str(page.read().decode())

    def answer(self, address: str, **fields: str) -> str:
        page = self.open(address)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        data = urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        with self.browser.open(Request(address, data=data), timeout=30) as page_after:
            return str(page_after.read().decode())


def link_in(text: str) -> str:
    found = re.search(r"(?:https?://)?[\w.:-]+/[vru]/[\w-]+/", text)
    assert found is not None, text
    return found[0] if "://" in found[0] else f"http://{found[0]}"


def wait_for(what: Any) -> Any:
    """Ask until the answer is something: a worker needs its moment."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.5)
    raise AssertionError("nothing came")


@pytest.fixture(scope="module")
def clinic(product: Product) -> dict[str, Any]:
    made: dict[str, Any] = product.python(CLINIC)
    return made


@dataclass(frozen=True)
class Story:
    """What the steps of the day share."""

    product: Product
    clinic: dict[str, Any]
    api: Api
    phone: Phone
    patient: int

    def ask(self, code: str, **names: object) -> Any:
        return self.product.python(code.format(id=self.patient, **names))

    def first_page(self, path: str, **query: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(path, **query)["results"]
        return found

    def slots(self) -> list[dict[str, Any]]:
        wish = {"service": self.clinic["service"], "employee": self.clinic["doctor"]}
        found: list[dict[str, Any]] = self.api.get("slots/", **wish, limit=500)
        return found

    def book(self, slot: dict[str, Any], key: str = "") -> dict[str, Any]:
        order = {"patient": self.patient, "starts_at": slot["starts_at"], **_order(self.clinic)}
        booked: dict[str, Any] = self.api.post("appointments/", order, key)
        return booked

    def sms(self, number: int) -> str:
        """Return the text of the n-th SMS to the patient, waiting until it has come."""
        texts = wait_for(lambda: self.product.sent_to(PHONE)[number - 1 :])
        return str(texts[0]["text"])


def test_one_day_of_the_clinic(product: Product, clinic: dict[str, Any]) -> None:
    story = _a_patient_asks(product, clinic)
    today = _is_called_back_and_booked(story)
    booked = _is_booked_reminded_and_confirms(story)
    finished_at = _comes_pays_and_earns_points(story, today)
    line = _is_handed_from_doctor_to_specialist(story, today)
    _is_asked_and_is_unhappy(story, finished_at)
    _falls_silent_and_is_won_back(story, booked, line, today)
    _stands_in_the_funnel(story)


def _a_patient_asks(product: Product, clinic: dict[str, Any]) -> Story:
    """A form of the site; then the patient is on the books and agrees to be written to."""
    api = Api(product.site, clinic["token"])
    form = {"name": "Нина", "phone": "8 903 111 22 33", "branch": clinic["branch"]}
    api.post("requests/", form)
    contact = {"kind": "PHONE", "value": "8 (903) 111-22-33", "is_primary": True}
    details = {"last_name": "Журавлёва", "first_name": "Нина", "contacts": [contact]}
    patient = api.post("patients/", details)["id"]
    consent = {"purpose": "MARKETING", "channel": "SMS", "action": "GIVEN"}
    api.post(f"patients/{patient}/consents/", consent)
    assert [row["id"] for row in api.get("patients/", q="журавлева")["results"]] == [patient]
    return Story(product, clinic, api, Phone(), patient)


def _is_called_back_and_booked(story: Story) -> dict[str, Any]:
    """The booking answers the request by itself."""
    waiting = partial(story.first_page, "requests/", branch=story.clinic["branch"])
    assert [request["name"] for request in waiting()] == ["Нина"]
    today = story.book(story.slots()[0])
    wait_for(lambda: not waiting())
    (request,) = waiting(state="BOOKED")
    assert request["appointment"] == today["id"]
    return today


def _is_booked_reminded_and_confirms(story: Story) -> dict[str, Any]:
    """Two days ahead: booked once however often it is sent, reminded, confirmed by link."""
    later = next(slot for slot in story.slots() if _at(slot) > datetime.now(UTC) + 40 * HOUR)
    key = uuid4().hex
    booked = story.book(later, key)
    assert story.book(later, key)["id"] == booked["id"]
    story.product.tick((_at(later) - DAY).isoformat())
    reminder = story.sms(1)
    assert story.clinic["name"] not in reminder
    story.phone.open(link_in(reminder))
    assert story.api.get(f"appointments/{booked['id']}/")["status"] == "BOOKED"
    story.phone.answer(link_in(reminder), answer="confirm")
    assert story.api.get(f"appointments/{booked['id']}/")["status"] == "CONFIRMED"
    return booked


def _comes_pays_and_earns_points(story: Story, today: dict[str, Any]) -> datetime:
    """Pays once whatever is retried, and earns points once."""
    story.api.post(f"appointments/{today['id']}/arrive/")
    line = {"service": story.clinic["service"], "price": "3000"}
    bill, key = {"lines": [line], "card": "3000"}, uuid4().hex
    done = story.api.post(f"appointments/{today['id']}/complete/", bill, key)
    assert story.api.post(f"appointments/{today['id']}/complete/", bill, key) == done
    entries = wait_for(lambda: story.first_page(f"patients/{story.patient}/points/entries/"))
    assert [entry["points"] for entry in entries] == [90]
    return datetime.fromisoformat(done["visit"]["finished_at"])


def _is_handed_from_doctor_to_specialist(story: Story, today: dict[str, Any]) -> int:
    """A prescribed session is a task of reception until it is booked; return the line."""
    course = {
        "patient": story.patient,
        "doctor": story.clinic["doctor"],
        "branch": story.clinic["branch"],
        "appointment": today["id"],
        "lines": [{"service": story.clinic["service"], "sessions": 1}],
    }
    (line,) = story.api.post("prescriptions/", course)["lines"]
    open_tasks = partial(story.first_page, "tasks/", branch=story.clinic["branch"])
    assert [(task["patient"], task["subject_id"]) for task in open_tasks()] == [
        (story.patient, line["id"])
    ]
    session = {"employee": story.clinic["doctor"], "starts_at": story.slots()[-1]["starts_at"]}
    story.api.post(f"prescriptions/lines/{line['id']}/sessions/", session)
    assert open_tasks() == []
    (line,) = story.first_page("prescriptions/", patient=story.patient)
    assert (line["status"], line["ahead"], line["missing"]) == ("BOOKED", 1, 0)
    return int(line["id"])


def _is_asked_and_is_unhappy(story: Story, finished_at: datetime) -> None:
    story.product.tick((finished_at + 2 * HOUR + HOUR / 60).isoformat())
    story.phone.answer(link_in(story.sms(2)), score="3", comment="Долго ждала")
    assert story.ask(CASES) == [3]


def _falls_silent_and_is_won_back(
    story: Story, booked: dict[str, Any], line: int, today: dict[str, Any]
) -> None:
    """Plans change, silence follows, the clinic writes; a booking ends it at that moment."""
    story.api.post(f"appointments/{booked['id']}/cancel/", {"reason": "PATIENT_ASKED"})
    story.api.post(f"prescriptions/lines/{line}/drop/", {"reason": "NO_TIME"})
    story.product.tick((_at(today) + 61 * DAY).isoformat())
    assert "/u/" in story.sms(3)
    assert story.ask(RUNS) == [["ACTIVE", ""]]
    story.book(story.slots()[-1])
    left = wait_for(lambda: [run for run in story.ask(RUNS) if run[0] == "LEFT"])
    assert left == [["LEFT", "booked"]]


def _stands_in_the_funnel(story: Story) -> None:
    """The manager sees the request, the visit it led to and what was paid at it."""
    office = Api(story.product.site, story.clinic["manager"])
    today = datetime.now(UTC).date()
    asked = {"since": today - DAY, "until": today + 2 * DAY, "branch_id": story.clinic["branch"]}
    steps = office.get("funnel/", **asked)["steps"]
    assert [(step["code"], step["count"]) for step in steps] == [
        *(("requests", 1), ("booked", 1), ("came", 1), ("again", 0))
    ]
    assert steps[2]["money"] == "3000.00"


def test_the_second_of_two_gets_other_times(product: Product, clinic: dict[str, Any]) -> None:
    api = Api(product.site, clinic["token"])
    first, second = (row["id"] for row in api.get("patients/")["results"][:2])
    slot = api.get("slots/", service=clinic["service"], employee=clinic["doctor"], limit=500)[-1]
    order = _order(clinic) | {"starts_at": slot["starts_at"]}
    api.post("appointments/", order | {"patient": first})

    status, problem = api.call("POST", "appointments/", order | {"patient": second}, uuid4().hex)

    assert (status, problem["code"]) == (409, "slot_taken")
    assert problem["alternatives"]


def _order(clinic: dict[str, Any]) -> dict[str, Any]:
    return {
        "service": clinic["service"],
        "employee": clinic["doctor"],
        "branch": clinic["branch"],
    }


def _at(slot: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(slot["starts_at"])
