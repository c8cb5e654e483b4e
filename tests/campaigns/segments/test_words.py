"""Rules in words, and explanations that never contradict the compiled rule."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from appointments.models import PatientTotals
from campaigns.segments.compiler import compile_rule
from campaigns.segments.rules import RuleInvalid, parse_rule
from campaigns.segments.traits import TRAITS
from campaigns.segments.words import (
    Line,
    OptionNames,
    check_choices,
    describe_rule,
    explain_rule,
)
from tests.campaigns.segments.base import NOW, Base
from tests.campaigns.segments.questions import list_conditions, rules
from tests.factories import make_appointment, make_clinic, make_patient, make_service

pytestmark = pytest.mark.django_db


def explain(rule: dict[str, Any], patient_id: int) -> Line:
    return explain_rule(rule, patient_id=patient_id, names=OptionNames(), now=NOW)


def test_the_facts_that_decided_are_told(django_assert_num_queries: Any) -> None:
    patient = make_patient(birth_on=date(1988, 4, 12), sex="F")
    PatientTotals.objects.create(
        patient=patient, visits=2, spent=Decimal(5000), last_visit_at="2026-11-01T10:00Z"
    )
    rule = {
        "all": [
            {"trait": "sex", "op": "in", "value": ["F"]},
            {"trait": "age", "op": "between", "value": [30, 40]},
            {"trait": "spent", "op": "gte", "value": 40000},
            {"not": {"trait": "last_visit", "op": "older_days", "value": 60}},
            {"trait": "service_kind", "op": "did_not", "value": {"of": ["MASSAGE"], "days": 90}},
        ]
    }

    with django_assert_num_queries(1):
        verdict = explain(rule, patient.pk)

    told = [
        (line.text, line.fact, line.holds)
        for parent in verdict.lines
        for line in (parent.lines or (parent,))
    ]
    assert told == [
        ("Пол: женский", "женский", True),
        ("Возраст, лет: от 30 до 40", "38 (12.04.1988)", True),
        ("Потрачено: не меньше 40\xa0000\xa0₽", "5\xa0000\xa0₽", False),
        ("Последний визит: больше 60 дн. назад", "01.11.2026", False),
        ("Вид услуги: не было массаж, за последние 90 дн.", "ни разу", True),
    ]
    assert (verdict.kind, verdict.holds, verdict.lines[3].holds) == ("all", False, True)


def test_a_deed_too_long_ago_is_told_with_its_day() -> None:
    clinic = make_clinic()
    make_appointment(clinic, on=date(2026, 1, 15), status="DONE")
    rule = {"trait": "doctor", "op": "did", "value": {"of": [clinic.doctor.pk], "days": 30}}

    verdict = explain(rule, clinic.patient.pk)

    assert (verdict.holds, verdict.fact) == (False, "последний раз 15.01.2026")


def test_an_explanation_agrees_with_the_members(base: Base) -> None:
    chosen = base.patients[:6]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rule=rules())
    def check(rule: dict[str, Any]) -> None:
        picked = set(compile_rule(rule, now=NOW).values_list("pk", flat=True))
        for patient in chosen:
            assert explain(rule, patient.pk).holds is (patient.pk in picked)

    check()


@pytest.mark.parametrize("code", TRAITS)
def test_every_question_and_fact_has_words(base: Base, code: str) -> None:
    trait, names = TRAITS[code], OptionNames()

    for operator in trait.operators:
        for rule in list_conditions(trait, operator)[:3]:
            line = explain_rule(rule, patient_id=base.patients[0].pk, names=names, now=NOW)
            assert line.text.startswith(f"{trait.label}: ")
            assert "…" not in line.text
            assert line.fact


def test_a_rule_is_described_without_its_patients(django_assert_num_queries: Any) -> None:
    massage = make_service(name="Массаж спины")
    rule = {"any": [{"trait": "service", "op": "did", "value": {"of": [massage.pk], "times": 3}}]}

    with django_assert_num_queries(1):  # the names of the services
        described = describe_rule(rule, names=OptionNames())

    [line] = described.lines
    assert line.text == "Услуга: была Массаж спины, не меньше 3 раз"
    assert (line.holds, line.fact) == (None, "")


def test_a_choice_that_is_not_there_is_found() -> None:
    node = parse_rule({"all": [{"trait": "branch", "op": "in", "value": [999]}]})

    with pytest.raises(RuleInvalid) as refusal:
        check_choices(node, names=OptionNames())

    assert [fault.path for fault in refusal.value.faults] == ["/all/0/value"]
