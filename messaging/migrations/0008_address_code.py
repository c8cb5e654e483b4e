"""Codes that prove whose an address is: a message to nobody known, and its texts."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CODE = "address_code"
SMS = {
    "ru": ("Код подтверждения", "Код: {{ code }}. Никому его не сообщайте."),
    "en": ("Confirmation code", "Code: {{ code }}. Tell it to nobody."),
}
EMAIL = {
    "ru": (
        "Код подтверждения",
        "Ваш код подтверждения",
        """Здравствуйте!

Ваш код: {{ code }}

Введите его на странице записи. Никому его не сообщайте. Если вы ничего не запрашивали, просто удалите это письмо.""",
    ),
    "en": (
        "Confirmation code",
        "Your confirmation code",
        """Hello,

Your code: {{ code }}

Type it on the booking page and tell it to nobody. If you have not asked for it, just delete this letter.""",
    ),
}


def add_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = apps.get_model("messaging", "Template")
    same = {"code": CODE, "purpose": "SERVICE"}
    for language, (name, body) in SMS.items():
        template.objects.create(**same, channel="SMS", language=language, name=name, body=body)
    for language, (name, subject, body) in EMAIL.items():
        template.objects.create(
            **same, channel="EMAIL", language=language, name=name, subject=subject, body=body
        )


def remove_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("messaging", "Template").objects.filter(code=CODE).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0007_news_of_visits"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="patient",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.patient",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("patient__isnull", False),
                    models.Q(
                        ("purpose", "SERVICE"),
                        models.Q(("subject_kind", ""), _negated=True),
                        models.Q(("address", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="message_to_nobody_known_is_asked_for",
            ),
        ),
        migrations.RunPython(add_texts, remove_texts),
    ]
