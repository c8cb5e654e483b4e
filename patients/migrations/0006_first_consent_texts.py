"""Wordings to begin with, so that a clinic can ask for consents on its first day."""

from django.db import migrations

from outbox.append_only import append_only

TEXTS = {
    ("PERSONAL_DATA", "", "ru"): (
        "Я даю {operator} согласие на обработку моих персональных данных: фамилии, имени, "
        "отчества, даты рождения, пола, телефона, адреса электронной почты, сведений о записях, "
        "визитах и оплатах — чтобы записывать меня на приём, связываться со мной и вести учёт "
        "оказанных услуг. Разрешаю собирать, записывать, хранить, уточнять, использовать и "
        "удалять эти данные, в том числе автоматически. Согласие действует, пока я его не отзову. "
        "Отозвать его можно в регистратуре или письмом на адрес клиники."
    ),
    ("PERSONAL_DATA", "", "en"): (
        "I allow {operator} to process my personal data — name, birth date, sex, phone, e-mail, "
        "and what concerns my bookings, visits and payments — in order to book me, to reach me "
        "and to keep account of the services rendered. The data may be collected, recorded, "
        "stored, corrected, used and deleted, also automatically. The consent holds until I "
        "withdraw it at reception or by a letter to the clinic."
    ),
    ("MARKETING", "SMS", "ru"): (
        "Я согласен (согласна) получать от {operator} рекламу — новости, приглашения и "
        "предложения — по SMS на указанный мной номер. Отказаться можно в любой момент по ссылке "
        "в сообщении или в регистратуре. Отказ не влияет на запись и приём."
    ),
    ("MARKETING", "SMS", "en"): (
        "I agree to receive advertising — news, invitations and offers — from {operator} by SMS "
        "to the number that I gave. I can stop it at any time by the link in a message or at "
        "reception. Saying no changes nothing about my bookings and visits."
    ),
    ("MARKETING", "EMAIL", "ru"): (
        "Я согласен (согласна) получать от {operator} рекламу — новости, приглашения и "
        "предложения — на указанный мной адрес электронной почты. Отказаться можно в любой момент "
        "по ссылке в письме или в регистратуре. Отказ не влияет на запись и приём."
    ),
    ("MARKETING", "EMAIL", "en"): (
        "I agree to receive advertising — news, invitations and offers — from {operator} by "
        "e-mail to the address that I gave. I can stop it at any time by the link in a letter or "
        "at reception. Saying no changes nothing about my bookings and visits."
    ),
}


def write_texts(apps, schema_editor):
    text = apps.get_model("patients", "ConsentText")
    text.objects.bulk_create(
        text(purpose=purpose, channel=channel, language=language, version=1, body=body)
        for (purpose, channel, language), body in TEXTS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_consent_texts"), ("outbox", "0002_append_only")]

    operations = [
        migrations.RunPython(write_texts, migrations.RunPython.noop),
        append_only("patients_consenttext"),
    ]
