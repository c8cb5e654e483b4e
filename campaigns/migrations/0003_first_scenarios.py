"""The three scenarios that every clinic begins with, switched off until someone starts them."""

from datetime import time, timedelta

from django.db import migrations
from django.utils import timezone

DAY = timedelta(days=1)

SCENARIOS = [
    {
        "code": "appointment-reminder",
        "name": "Напоминание о визите",
        "trigger": "BEFORE_APPOINTMENT",
        "purpose": "SERVICE",
        "pause_days": 0,
        "steps": [("MESSAGE", -DAY, None, timedelta(hours=22), "appointment_reminder", "")],
    },
    {
        "code": "review-request",
        "name": "Просьба об отзыве",
        "trigger": "AFTER_VISIT",
        "purpose": "SERVICE",
        "pause_days": 30,
        "steps": [("MESSAGE", timedelta(hours=2), None, DAY, "review_request", "")],
    },
    {
        "code": "reactivation",
        "name": "Возвращение пациента",
        "trigger": "SILENCE",
        "purpose": "MARKETING",
        "pause_days": 0,
        "steps": [
            ("MESSAGE", 60 * DAY, time(11), 5 * DAY, "reactivation_1", ""),
            ("MESSAGE", 74 * DAY, time(11), 5 * DAY, "reactivation_2", ""),
            ("MESSAGE", 90 * DAY, time(11), 5 * DAY, "reactivation_3", ""),
            (
                "TASK",
                97 * DAY,
                time(10),
                30 * DAY,
                "",
                "Давно не был. Спросить о самочувствии, предложить удобное время.",
            ),
        ],
    },
]


def add_scenarios(apps, schema_editor):
    for values in SCENARIOS:
        fields = {name: value for name, value in values.items() if name != "steps"}
        scenario = apps.get_model("campaigns", "Scenario").objects.create(**fields)
        version = apps.get_model("campaigns", "ScenarioVersion").objects.create(
            scenario=scenario, number=1, created_at=timezone.now()
        )
        for position, step in enumerate(values["steps"], start=1):
            kind, offset, at_time, lives_for, template_code, note = step
            apps.get_model("campaigns", "Step").objects.create(
                version=version,
                position=position,
                kind=kind,
                offset=offset,
                at_time=at_time,
                lives_for=lives_for,
                template_code=template_code,
                note=note,
            )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_scenario_pause_days")]

    operations = [migrations.RunPython(add_scenarios, migrations.RunPython.noop)]
