"""The texts about what became of a visit: moved, cancelled by the clinic, delayed today."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SMS = {
    "appointment_moved": {
        "ru": (
            "Визит перенесён",
            "Ваш визит перенесён. Новое время: {{ date }} в {{ time }}. Ответить: {{ link }}",
        ),
        "en": (
            "Visit moved",
            "Your visit was moved. New time: {{ date }} at {{ time }}. Answer: {{ link }}",
        ),
    },
    "appointment_cancelled": {
        "ru": (
            "Визит отменён клиникой",
            "Ваш визит {{ date }} в {{ time }} отменён, извините. Другое время: {{ phone }}",
        ),
        "en": (
            "Visit cancelled by the clinic",
            "Sorry, your visit {{ date }} at {{ time }} is cancelled. Another time: {{ phone }}",
        ),
    },
    "running_late": {
        "ru": (
            "Задержка сегодня",
            "Сегодня задержка около {{ minutes }} мин, просим извинить. Ждём вас к {{ time }}.",
        ),
        "en": (
            "Delay today",
            "We run about {{ minutes }} min late today, sorry. Please come by {{ time }}.",
        ),
    },
}

EMAIL = {
    "appointment_moved": {
        "ru": (
            "Визит перенесён",
            "Новое время визита: {{ date }} в {{ time }}",
            """Здравствуйте, {{ name }}!

Время вашего визита изменилось. Ждём вас {{ day }}, {{ time }}.
Адрес: {{ address }}{% if phone %}, телефон {{ phone }}{% endif %}.

Подходит? Подтвердите одним нажатием. Если нет, там же можно выбрать другое время или отменить визит.

[Ответить]({{ link }})""",
        ),
        "en": (
            "Visit moved",
            "New time of your visit: {{ date }} at {{ time }}",
            """Hello {{ name }},

The time of your visit has changed. See you on {{ day }}, {{ time }}.
Address: {{ address }}{% if phone %}, phone {{ phone }}{% endif %}.

Does it suit you? Confirm with one tap. If not, you can choose another time or cancel there.

[Answer]({{ link }})""",
        ),
    },
    "appointment_cancelled": {
        "ru": (
            "Визит отменён клиникой",
            "Визит {{ date }} в {{ time }} отменён",
            """Здравствуйте, {{ name }}!

К сожалению, нам пришлось отменить ваш визит: {{ day }}, {{ time }}. Просим нас извинить.

{% if phone %}Чтобы подобрать другое время, позвоните нам: {{ phone }}.{% endif %}""",
        ),
        "en": (
            "Visit cancelled by the clinic",
            "Your visit {{ date }} at {{ time }} is cancelled",
            """Hello {{ name }},

We are sorry: we had to cancel your visit on {{ day }}, {{ time }}.

{% if phone %}To find another time, please call us: {{ phone }}.{% endif %}""",
        ),
    },
    "running_late": {
        "ru": (
            "Задержка сегодня",
            "Сегодня задержка около {{ minutes }} мин",
            """Здравствуйте, {{ name }}!

Сегодня мы задерживаемся примерно на {{ minutes }} мин и просим нас извинить. Ждём вас к {{ time }}.

Адрес: {{ address }}{% if phone %}, телефон {{ phone }}{% endif %}.""",
        ),
        "en": (
            "Delay today",
            "We run about {{ minutes }} min late today",
            """Hello {{ name }},

We run about {{ minutes }} min late today and are sorry for it. Please come by {{ time }}.

Address: {{ address }}{% if phone %}, phone {{ phone }}{% endif %}.""",
        ),
    },
}


def write_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = apps.get_model("messaging", "Template")
    rows = [
        template(
            code=code, purpose="SERVICE", channel="SMS", language=language, name=name, body=body
        )
        for code, texts in SMS.items()
        for language, (name, body) in texts.items()
    ]
    rows += [
        template(
            code=code,
            purpose="SERVICE",
            channel="EMAIL",
            language=language,
            name=name,
            subject=subject,
            body=body,
        )
        for code, texts in EMAIL.items()
        for language, (name, subject, body) in texts.items()
    ]
    template.objects.bulk_create(rows)


def remove_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("messaging", "Template").objects.filter(code__in=SMS).delete()


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_slot_offer")]

    operations = [migrations.RunPython(write_texts, remove_texts)]
