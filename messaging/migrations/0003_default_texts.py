"""The texts that the clinic starts with: neutral, short, edited by the clinic from then on."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SMS = {
    ("appointment_reminder", "SERVICE"): {
        "ru": ("Напоминание о записи", "Ждём вас {{ date }} в {{ time }}. Ответить: {{ link }}"),
        "en": ("Appointment reminder", "See you {{ date }} at {{ time }}. Answer: {{ link }}"),
    },
    ("review_request", "SERVICE"): {
        "ru": ("Просьба об отзыве", "Как прошёл визит? Оцените: {{ link }}"),
        "en": ("Review request", "How was your visit? {{ link }}"),
    },
    ("reactivation_1", "MARKETING"): {
        "ru": ("Возвращение, первое", "Ждём вас снова: {{ phone }}"),
        "en": ("Win-back, first", "We'd love to see you again: {{ phone }}"),
    },
    ("reactivation_2", "MARKETING"): {
        "ru": ("Возвращение, второе", "Подберём время: {{ phone }}"),
        "en": ("Win-back, second", "We'll find a time that suits you: {{ phone }}"),
    },
    ("reactivation_3", "MARKETING"): {
        "ru": ("Возвращение, третье", "Мы рядом: {{ phone }}"),
        "en": ("Win-back, third", "We're here if you need us: {{ phone }}"),
    },
}

EMAIL = {
    ("appointment_reminder", "SERVICE"): {
        "ru": (
            "Напоминание о записи",
            "Ждём вас {{ date }} в {{ time }}",
            """Здравствуйте, {{ name }}!

Напоминаем о вашей записи: {{ day }}, {{ time }}.
Адрес: {{ address }}{% if phone %}, телефон {{ phone }}{% endif %}.

Сможете прийти? Подтвердите одним нажатием. Там же можно отменить запись или попросить другое время.

[Ответить]({{ link }})""",
        ),
        "en": (
            "Appointment reminder",
            "See you {{ date }} at {{ time }}",
            """Hello {{ name }},

This is a reminder of your appointment: {{ day }}, {{ time }}.
Address: {{ address }}{% if phone %}, phone {{ phone }}{% endif %}.

Can you come? Confirm with one tap. You can also cancel or ask for another time there.

[Answer]({{ link }})""",
        ),
    },
    ("review_request", "SERVICE"): {
        "ru": (
            "Просьба об отзыве",
            "Как прошёл ваш визит?",
            """Здравствуйте, {{ name }}!

Спасибо, что были у нас. Оцените визит от 0 до 10 — это займёт минуту и поможет нам стать лучше.

[Оценить визит]({{ link }})""",
        ),
        "en": (
            "Review request",
            "How was your visit?",
            """Hello {{ name }},

Thank you for coming. Please rate your visit from 0 to 10: it takes a minute and helps us improve.

[Rate the visit]({{ link }})""",
        ),
    },
    ("reactivation_1", "MARKETING"): {
        "ru": (
            "Возвращение, первое",
            "Будем рады видеть вас снова",
            """Здравствуйте, {{ name }}!

Мы давно не виделись. Если пора снова заняться собой, запишитесь в удобное для вас время.

{% if phone %}Позвоните нам: {{ phone }}. {% endif %}Мы ждём вас по адресу: {{ address }}.""",
        ),
        "en": (
            "Win-back, first",
            "We'd love to see you again",
            """Hello {{ name }},

It has been a while. If it is time to take care of yourself again, book a time that suits you.

{% if phone %}Call us: {{ phone }}. {% endif %}You will find us at {{ address }}.""",
        ),
    },
    ("reactivation_2", "MARKETING"): {
        "ru": (
            "Возвращение, второе",
            "Подберём удобное время",
            """Здравствуйте, {{ name }}!

Знаем, как трудно выкроить час для себя. Принимаем утром, днём и вечером и подберём время под ваш график.

{% if phone %}Достаточно одного звонка: {{ phone }}.{% endif %}""",
        ),
        "en": (
            "Win-back, second",
            "We'll find a time that suits you",
            """Hello {{ name }},

We know how hard it is to find an hour for yourself. We are open mornings, days and evenings and will fit your schedule.

{% if phone %}One call is enough: {{ phone }}.{% endif %}""",
        ),
    },
    ("reactivation_3", "MARKETING"): {
        "ru": (
            "Возвращение, третье",
            "Мы рядом, если понадобимся",
            """Здравствуйте, {{ name }}!

Это последнее напоминание: больше не побеспокоим. Когда захотите прийти, мы будем рады.

{% if phone %}Наш телефон: {{ phone }}. {% endif %}Адрес: {{ address }}.""",
        ),
        "en": (
            "Win-back, third",
            "We're here if you need us",
            """Hello {{ name }},

This is our last reminder: we won't disturb you again. Whenever you wish to come, you are welcome.

{% if phone %}Our phone: {{ phone }}. {% endif %}Address: {{ address }}.""",
        ),
    },
}


def write_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = apps.get_model("messaging", "Template")
    rows = [
        template(code=code, purpose=purpose, channel="SMS", language=language, name=name, body=body)
        for (code, purpose), texts in SMS.items()
        for language, (name, body) in texts.items()
    ]
    rows += [
        template(
            code=code,
            purpose=purpose,
            channel="EMAIL",
            language=language,
            name=name,
            subject=subject,
            body=body,
        )
        for (code, purpose), texts in EMAIL.items()
        for language, (name, subject, body) in texts.items()
    ]
    template.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_kind_and_language")]

    operations = [migrations.RunPython(write_texts, migrations.RunPython.noop)]
