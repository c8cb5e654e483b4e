"""A visitor of the pages, in a browser without scripts: he reads a page and posts its form."""

import re
from dataclasses import dataclass, field
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client

from messaging.models import Message
from tests.factories import Clinic

PHONE = "8 916 123-45-67"
PERSON = {
    "party": "SELF",
    "last_name": "Котова",
    "first_name": "Вера",
    "birth_on": "12.03.1985",
    "phone": "8 903 555-44-33",
    "data_agreed": "on",
}


@dataclass
class Visitor:
    """`at` is his address; the clock is the server's."""

    clinic: Clinic
    clock: time_machine.Traveller
    at: str = "203.0.113.7"
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def get(self, path: str) -> Any:
        return self.client.get(path, REMOTE_ADDR=self.at)

    def post(self, path: str, **told: str) -> Any:
        return self.client.post(path, told, REMOTE_ADDR=self.at)

    @property
    def times(self) -> str:
        return f"/book/{self.clinic.branch.pk}/times/?service={self.clinic.service.pk}&lang=ru"

    def slot(self, clock: str) -> str:
        return f"{self.clinic.doctor.pk}@{self.clinic.at(clock).isoformat()}"

    def choose(self, clock: str = "10:00", path: str = "") -> Any:
        return self.post(path or self.times, slot=self.slot(clock))

    def begin(self, clock: str = "10:00") -> str:
        """Choose a time and return the address of the form."""
        answer = self.choose(clock)
        assert answer.status_code == 302, answer.content.decode()
        self.clock.shift(20)
        return str(answer.url)

    def describe(self, page: str, **other: str) -> Any:
        return self.post(page, **(PERSON | other))

    def ask_for_code(self, clock: str = "10:00", **other: str) -> str:
        """Return the address of the page that asks for the code."""
        answer = self.describe(self.begin(clock), **other)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer.url)

    def book(self, clock: str = "10:00", **other: str) -> Any:
        page = self.ask_for_code(clock, **other)
        return self.post(page, figures=read_code())


def read_code() -> str:
    """The figures of the newest message, as its receiver reads them."""
    message = Message.objects.filter(kind="address_code").latest("pk")
    found = re.search(r"\d{6}", message.body)
    assert found is not None
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def text_of(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
