from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from messaging.kinds import KINDS, VARIABLES, describe_branch, describe_moment
from messaging.models import Template
from messaging.texts import TextBroken, list_variables, render_text
from patients.models import Channel
from tests.factories import make_branch

MOMENT = datetime(2026, 3, 12, 7, tzinfo=UTC)


def test_values_are_filled_in() -> None:
    assert render_text("Ждём вас в {{ time }}", {"time": "10:00"}) == "Ждём вас в 10:00"


@pytest.mark.parametrize(
    "source",
    [
        "{{ patient }}",
        "{{ name.__class__ }}",
        "{{ name",
        "{% for i in (1..9) %}{{ i }}{% endfor %}",
        "{% include 'settings' %}",
        "{% assign x = name %}",
        "{{ 'now' | date: '%Y' }}",
        "{{ name | base64_decode }}",
        "{% if name %}" * 7 + "{% endif %}" * 7,
    ],
)
def test_nothing_but_plain_values_and_conditions(source: str) -> None:
    with pytest.raises(TextBroken):
        render_text(source, {"name": "Анна"})


def test_an_empty_value_counts_as_missing() -> None:
    text = "{% if phone %}Звоните: {{ phone }}. {% endif %}Ждём{{ phone }}"

    assert render_text(text, {"phone": ""}) == "Ждём"
    assert render_text(text, {"phone": "8 800"}) == "Звоните: 8 800. Ждём8 800"


def test_a_text_cannot_grow_without_end() -> None:
    source = "{{ name" + " | append: name" * 300 + " }}"

    with pytest.raises(TextBroken):
        render_text(source, {"name": "А" * 100})


def test_the_variables_of_a_text_are_known() -> None:
    assert list_variables("{% if phone %}{{ name | upcase }}{% endif %}") == {"phone", "name"}


def test_a_moment_is_told_on_the_clock_of_the_branch() -> None:
    zone = ZoneInfo("Asia/Novosibirsk")

    assert describe_moment(MOMENT, zone=zone, language="ru") == {
        "date": "12.03",
        "day": "12 марта, четверг",
        "time": "14:00",
    }
    assert describe_moment(MOMENT, zone=zone, language="en") == {
        "date": "12 Mar",
        "day": "Thursday, 12 March",
        "time": "14:00",
    }


@pytest.mark.django_db
def test_a_branch_is_told_as_people_dial_it() -> None:
    branch = make_branch(name="На Тверской", address="ул. Тверская, 12")

    assert describe_branch(branch) == {
        "branch": "На Тверской",
        "address": "ул. Тверская, 12",
        "phone": "8 (495) 123-45-67",
    }


@pytest.mark.django_db
def test_each_kind_has_a_text_for_each_channel_and_language() -> None:
    for language in ("ru", "en"):
        sample = {name: variable.sample[language] for name, variable in VARIABLES.items()}
        for template in Template.objects.filter(language=language):
            known = KINDS[template.code].variables | {"name"}
            assert list_variables(template.subject + template.body) <= known
            assert render_text(template.body, sample)

    stored = set(Template.objects.values_list("code", "channel", "language"))
    assert stored == {(c, ch, la) for c in KINDS for ch in Channel.values for la in ("ru", "en")}


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["appointment_reminder", "review_request"])
def test_service_texts_fit_one_sms(code: str) -> None:
    for template in Template.objects.filter(code=code, channel=Channel.SMS, language="ru"):
        sample = {name: variable.sample["ru"] for name, variable in VARIABLES.items()}
        sample["link"] = sample["link"].removeprefix("https://")

        assert len(render_text(template.body, sample)) <= 70
