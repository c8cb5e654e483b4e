from datetime import timedelta

import time_machine
from django.test import Client
from django.utils import timezone

from clinic.models import User


def test_a_session_ends_with_its_time(client: Client, olga: User) -> None:
    client.force_login(olga)
    assert client.get("/password/").status_code == 200

    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        assert client.get("/password/").status_code == 302


def test_a_made_up_session_is_nobody_s(client: Client, db: None) -> None:
    client.cookies["sessionid"] = "'; select 1; --" + "x" * 20

    assert client.get("/password/").status_code == 302
