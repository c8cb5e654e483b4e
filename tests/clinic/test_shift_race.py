"""The administration and the schedule plan the same hours at the same moment."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from clinic.actions import lock_employee
from clinic.models import Shift, User
from tests.factories import DAY, Clinic, make_clinic, make_shift

TRIES = 500


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    made = make_clinic()
    Shift.objects.all().delete()
    return made


def wait_until_somebody_waits() -> None:
    for _ in range(TRIES):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        Event().wait(0.02)
    raise AssertionError("Nobody came to wait.")


def test_an_overlap_is_told_to_whoever_comes_second(clinic: Clinic) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    day = DAY.strftime("%d.%m.%Y")
    told = {
        "employee": clinic.doctor.pk,
        "branch": clinic.branch.pk,
        "starts_at_0": day,
        "starts_at_1": "10:00",
        "ends_at_0": day,
        "ends_at_1": "12:00",
    }
    pages = []

    def post() -> None:
        pages.append(client.post(reverse("admin:clinic_shift_add"), told))
        connection.close()

    office = Thread(target=post, daemon=True)
    with transaction.atomic():
        lock_employee(clinic.doctor.pk)
        make_shift(clinic.doctor, clinic.branch)
        office.start()
        wait_until_somebody_waits()
    office.join(60)

    assert [page.status_code for page in pages] == [200]
    assert "в это время уже есть смена" in pages[0].content.decode()
    assert Shift.objects.count() == 1
