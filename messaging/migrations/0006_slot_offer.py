"""The link of an offer from the waiting list, and the text that carries it."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CODE = "slot_offer"
PURPOSES = ["APPOINTMENT", "REVIEW", "UNSUBSCRIBE", "OFFER"]

SMS = {
    "ru": (
        "Предложение освободившегося времени",
        "Освободилось время: {{ date }} в {{ time }}. Держим для вас до {{ until }}: {{ link }}",
    ),
    "en": (
        "Offer of a freed time",
        "A time is free: {{ date }} at {{ time }}. Kept for you until {{ until }}: {{ link }}",
    ),
}

EMAIL = {
    "ru": (
        "Предложение освободившегося времени",
        "Освободилось время {{ date }} в {{ time }}",
        """Здравствуйте, {{ name }}!

Вы в листе ожидания, и для вас освободилось время: {{ day }}, {{ time }}.
Адрес: {{ address }}{% if phone %}, телефон {{ phone }}{% endif %}.

Держим его для вас до {{ until }}. Потом предложим следующему в очереди, а вы останетесь в листе ожидания.

[Ответить]({{ link }})""",
    ),
    "en": (
        "Offer of a freed time",
        "A time is free {{ date }} at {{ time }}",
        """Hello {{ name }},

You are on our waiting list, and a time has become free for you: {{ day }}, {{ time }}.
Address: {{ address }}{% if phone %}, phone {{ phone }}{% endif %}.

We keep it for you until {{ until }}. After that we offer it to the next in line, and you stay on the list.

[Answer]({{ link }})""",
    ),
}


def write_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = apps.get_model("messaging", "Template")
    common = {"code": CODE, "purpose": "SERVICE"}
    rows = [
        template(channel="SMS", language=language, name=name, body=body, **common)
        for language, (name, body) in SMS.items()
    ]
    rows += [
        template(
            channel="EMAIL", language=language, name=name, subject=subject, body=body, **common
        )
        for language, (name, subject, body) in EMAIL.items()
    ]
    template.objects.bulk_create(rows)


def remove_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("messaging", "Template").objects.filter(code=CODE).delete()


class Migration(migrations.Migration):
    dependencies = [("messaging", "0005_template_revisions")]

    operations = [
        migrations.AlterField(
            model_name="link",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("APPOINTMENT", "answer about an appointment"),
                    ("REVIEW", "review of a visit"),
                    ("UNSUBSCRIBE", "unsubscribe"),
                    ("OFFER", "offer of a time"),
                ],
                max_length=15,
            ),
        ),
        migrations.RemoveConstraint(model_name="link", name="link_purpose"),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", PURPOSES)), name="link_purpose"
            ),
        ),
        migrations.RunPython(write_texts, remove_texts),
    ]
