from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import User
from messaging.models import Template, TemplateRevision
from patients.models import Channel

SignIn = Callable[[User], Client]
GOOD = "Ждём {{ date }} в {{ time }}: {{ link }}"


@pytest.fixture
def reminder(db: None) -> Template:
    return Template.objects.get(code="appointment_reminder", channel=Channel.SMS, language="ru")


@pytest.fixture
def letter(db: None) -> Template:
    return Template.objects.get(code="appointment_reminder", channel=Channel.EMAIL, language="ru")


def address(template: Template, page: str = "template") -> str:
    return reverse(f"messaging:{page}", args=[template.pk])


def test_all_texts_are_on_one_page(client_for: SignIn, marina: User) -> None:
    page = client_for(marina).get(reverse("messaging:templates"))

    assert page.text.count('class="text-card"') == Template.objects.count()
    assert "Ждём вас 12.03 в 10:00. Ответить: clinic.ru/v/…/" in page.text


def test_a_text_is_changed_and_the_earlier_one_is_kept(
    client_for: SignIn, marina: User, reminder: Template
) -> None:
    before = reminder.body

    answer = client_for(marina).post(address(reminder), {"body": GOOD})

    assert answer.status_code == 302
    reminder.refresh_from_db()
    assert reminder.body == GOOD
    revision = TemplateRevision.objects.get()
    assert (revision.body, revision.replaced_by) == (before, marina)
    assert before in client_for(marina).get(address(reminder)).text


def test_saving_the_same_text_keeps_nothing(
    client_for: SignIn, marina: User, reminder: Template
) -> None:
    client_for(marina).post(address(reminder), {"body": reminder.body + "\r\n"})

    assert not TemplateRevision.objects.exists()


def test_a_text_that_tells_too_much_is_refused_and_not_lost(
    client_for: SignIn, marina: User, reminder: Template
) -> None:
    before = reminder.body
    telling = GOOD + " Вас ждёт невролог, {{ service }}"

    answer = client_for(marina).post(address(reminder), {"body": telling})

    assert answer.status_code == 422
    assert "«невролог» раскрывает врачебную тайну" in answer.text
    assert "Вас ждёт невролог" in answer.text
    reminder.refresh_from_db()
    assert reminder.body == before


def test_the_preview_follows_what_is_typed(
    client_for: SignIn, marina: User, reminder: Template
) -> None:
    preview = address(reminder, "template_preview")
    client = client_for(marina)

    good = client.post(preview, {"body": GOOD})
    bad = client.post(preview, {"body": "{{ nobody }}"})
    broken = client.post(preview, {"body": "{{ name"})
    empty = client.post(preview, {"body": ""})

    assert "Ждём 12.03 в 10:00: clinic.ru/v/" in good.text
    assert "1 SMS, 55" in good.text
    assert "{{ nobody }}" in bad.text
    assert all("problem" in page.text for page in (broken, empty))
    assert "<html" not in good.text


def test_a_letter_is_shown_in_a_frame_of_its_own(
    client_for: SignIn, marina: User, letter: Template
) -> None:
    frame = address(letter, "template_letter")
    typed = {"subject": "<b>Тема</b>", "body": "<script>x</script>\n\n[Ответить]({{ link }})"}

    shown = client_for(marina).post(frame, typed)

    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "<script>" not in shown.text
    assert 'href="https://clinic.ru/v/' in shown.text
    assert client_for(marina).get(frame).status_code == 405
    broken = client_for(marina).post(frame, {"subject": "", "body": "{{ x"})
    assert broken["Content-Type"].startswith("text/plain")


def test_a_letter_keeps_its_subject(client_for: SignIn, marina: User, letter: Template) -> None:
    typed = {"subject": "Ждём\nвас", "body": "{{ time }} {{ link }}"}

    assert client_for(marina).post(address(letter), typed).status_code == 302
    assert client_for(marina).post(address(letter), typed | {"subject": " "}).status_code == 422

    letter.refresh_from_db()
    assert letter.subject == "Ждём вас"


def test_reception_reads_messages_but_does_not_edit_texts(
    client_for: SignIn, olga: User, reminder: Template
) -> None:
    client = client_for(olga)

    assert client.get(address(reminder)).status_code == 403
    assert client.post(address(reminder), {"body": GOOD}).status_code == 403
    assert "/messages/texts/" not in client.get(reverse("messaging:messages")).text
