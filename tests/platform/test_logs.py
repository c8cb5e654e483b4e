"""The log names no patient and holds no secret."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import resolve

from clinic_crm.logs import NameTheAddress, NameTheError, QuietFormatter
from clinic_crm.settings import LOGGING

QUOTES_A_PHONE = "Key (value)=(+79161234567) already exists."
NAMES_A_PATIENT = "Анна Петрова"
SECRET = "/v/6wQx2u1hT0mZb3bq8oSf5A/"


@pytest.fixture
def request_by_link() -> HttpRequest:
    request = RequestFactory().get(SECRET)
    request.user = AnonymousUser()
    request.resolver_match = resolve(SECRET)
    return request


def write(record: logging.LogRecord) -> str:
    for test in (NameTheAddress(), NameTheError()):
        assert test.filter(record)
    return QuietFormatter("{levelname} {message}", style="{").format(record)


def test_a_failure_names_the_address_not_the_path(request_by_link: HttpRequest) -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 0, "Internal Server Error: %s", (SECRET,), None
    )
    record.request = request_by_link

    assert write(record) == "ERROR Internal Server Error: appointments:answer"


def test_a_failure_says_its_class_and_its_place_not_its_words() -> None:
    try:
        try:
            raise IntegrityError(QUOTES_A_PHONE)
        except IntegrityError as error:
            raise ValueError(NAMES_A_PATIENT) from error
    except ValueError as error:
        told = (ValueError, error, error.__traceback__)
        record = logging.LogRecord("any", logging.ERROR, "", 0, "failed", (), told)

    written = write(record)

    assert "builtins.ValueError" in written
    assert "django.db.utils.IntegrityError" in written
    assert __file__ in written
    assert "+7916" not in written
    assert "Анна" not in written


def test_a_failed_task_says_no_more() -> None:
    error = IntegrityError(QUOTES_A_PHONE)
    told = {"name": "deliver", "exc": repr(error), "traceback": repr(error)}
    record = logging.LogRecord(
        "celery.app.trace",
        logging.ERROR,
        "",
        0,
        "Task %(name)s raised: %(exc)s%(traceback)s",
        (told,),
        (IntegrityError, error, None),
    )

    assert "+7916" not in write(record)
    assert "Task deliver raised: django.db.utils.IntegrityError" in write(record)


def test_the_settings_write_so() -> None:
    told: Any = LOGGING
    handler = told["handlers"]["console"]

    assert handler["filters"] == ["name_the_address", "name_the_error"]
    assert told["formatters"]["line"]["()"] == "clinic_crm.logs.QuietFormatter"
