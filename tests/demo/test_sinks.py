import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from http.client import RemoteDisconnected
from pathlib import Path

import pytest

from tests.sinks import PHONE, Sinks


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sinks]:
    started = Sinks(tmp_path_factory.mktemp("sinks"))
    yield started
    started.stop()


@pytest.fixture
def sinks(running: Sinks) -> Sinks:
    running.begin()
    return running


def test_a_message_is_accepted_journalled_and_delivered(sinks: Sinks) -> None:
    sinks.script(statuses=[[0, 1]])

    answer = sinks.send(id=14, cost=3)

    assert answer == {"id": 14, "cnt": 1, "cost": "4.10", "balance": "1000.00"}
    assert [(sms["id"], sms["phone"], sms["text"]) for sms in sinks.outbox()["sms"]] == [
        (14, PHONE, "Ждём вас")
    ]
    assert sinks.call("/sys/status.php", id=14, phone=PHONE)["status"] == 1


def test_a_repeated_id_is_refused_and_can_be_looked_up_even_after_a_restart(
    tmp_path: Path,
) -> None:
    before = Sinks(tmp_path)
    before.send(id=7)
    before.stop()
    after = Sinks(tmp_path)

    try:
        assert after.send(id=7)["error_code"] == 9
        assert after.send(id=7, phones="79160000001")["id"] == 7
        assert after.call("/sys/status.php", id=7, phone=PHONE)["status"] in {0, 1}
        assert len(after.outbox()["sms"]) == 2
    finally:
        after.stop()


def test_an_unknown_message_is_not_found(sinks: Sinks) -> None:
    assert sinks.call("/sys/status.php", id=99, phone=PHONE)["status"] == -3


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"psw": "guess"}, 2),
        ({"mes": ""}, 1),
        ({"phones": ""}, 1),
        ({"fmt": 1}, 1),
        ({"id": "abc"}, 1),
        ({"phones": "123"}, 7),
        ({"phones": "79000000006"}, 6),
        ({"phones": "79000000008"}, 8),
    ],
)
def test_a_wrong_request_is_refused_and_nothing_is_accepted(
    sinks: Sinks, wrong: dict[str, object], code: int
) -> None:
    assert sinks.send(**wrong)["error_code"] == code
    assert sinks.outbox()["sms"] == []


def test_several_messages_are_looked_up_at_once(sinks: Sinks) -> None:
    sinks.send(id=21)

    answers = sinks.call("/sys/status.php", id="21,22", phone=f"{PHONE},{PHONE}")

    assert [(one["id"], one["status"]) for one in answers] == [(21, 0), (22, -3)]


def test_a_lost_reply_leaves_an_accepted_message_and_a_lost_request_none(sinks: Sinks) -> None:
    sinks.script(trouble=[{"lose": "reply"}, {"lose": "request"}])

    for message_id in (31, 32):
        with pytest.raises(RemoteDisconnected):
            sinks.send(id=message_id)

    assert [sms["id"] for sms in sinks.outbox()["sms"]] == [31]


def test_without_repeat_protection_each_send_is_accepted(sinks: Sinks) -> None:
    sinks.script(refuses_repeats=False)

    assert sinks.send(id=31)["id"] == 31
    assert sinks.send(id=31)["id"] == 31
    assert len(sinks.outbox()["sms"]) == 2


def test_scripted_trouble_comes_in_order_and_ends(sinks: Sinks) -> None:
    sinks.script(trouble=[{"error_code": 3, "times": 2}])

    assert [sinks.send(id=41).get("error_code") for _ in range(3)] == [3, 3, None]


def test_a_long_cyrillic_text_counts_its_parts(sinks: Sinks) -> None:
    assert sinks.send(mes="я" * 70)["cnt"] == 1
    assert sinks.send(mes="я" * 71)["cnt"] == 2


def test_mail_is_kept_with_its_headers(sinks: Sinks) -> None:
    send_mail(sinks)

    (mail,) = sinks.outbox()["mail"]

    assert (mail["to"], mail["subject"]) == ("anna@example.com", "Запись на завтра")
    assert mail["headers"] == {"List-Unsubscribe": "<https://clinic.example/u/1>"}
    assert mail["html"] == "<p>Ждём вас</p>\r\n"


def test_the_phone_shows_both_with_links_and_nothing_unescaped(sinks: Sinks) -> None:
    sinks.send(mes="<script>alert(1)</script> http://localhost:8000/v/a1?x=1&y=2.")
    send_mail(sinks)

    page = sinks.page()

    assert 'href="http://localhost:8000/v/a1?x=1&amp;y=2"' in page
    assert "<script>alert" not in page
    assert "Запись на завтра" in page
    assert "Телефон пациентов" in page
    assert "<p>Ждём вас</p>" in sinks.page(f"/letters/{sinks.seen['mail']}")
    assert "Запись на завтра" not in sinks.page(f"/?q={PHONE}")


def test_the_phone_with_nothing_to_show_says_what_to_do_in_english_too(sinks: Sinks) -> None:
    assert "No messages yet" in sinks.page("/?q=nobody", language="en-GB,en")


def send_mail(sinks: Sinks) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "clinic@example.com", "anna@example.com"
    mail["Subject"] = "Запись на завтра"
    mail["List-Unsubscribe"] = "<https://clinic.example/u/1>"
    mail.set_content("Ждём вас")
    mail.add_alternative("<p>Ждём вас</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", sinks.smtp_port, timeout=10) as server:
        server.send_message(mail)
