"""What a column of a file may be, and how its heading usually reads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.names import fold


@dataclass(frozen=True)
class Field:
    """`names` are beginnings of folded headings; `is_many`: several columns may be it."""

    code: str
    label: str | Promise
    names: tuple[str, ...]
    is_many: bool = False


FIELDS = (
    Field(
        "full_name",
        _("full name"),
        ("фио", "ф и о", "пациент", "клиент", "full name", "name", "полное имя", "контакт"),
    ),
    Field("last_name", _("last name"), ("фамилия", "last name", "surname", "family")),
    Field("middle_name", _("middle name"), ("отчество", "middle name", "patronymic")),
    Field(
        "first_name", _("first name"), ("имя", "first name", "given", "имя пациента", "имя клиента")
    ),
    Field(
        "phone",
        _("phone"),
        ("телефон", "тел", "моб", "сотовый", "номер тел", "phone", "mobile", "cell", "whatsapp"),
        is_many=True,
    ),
    Field("email", _("e-mail"), ("e mail", "email", "почта", "эл почта", "mail"), is_many=True),
    Field(
        "birth_on",
        _("birth date"),
        ("дата рожд", "день рожд", "д р", "др", "рожд", "birth", "dob", "bday"),
    ),
    Field("sex", _("sex"), ("пол", "sex", "gender")),
    Field("source", _("source"), ("источник", "откуда", "канал привлеч", "source", "utm source")),
    Field(
        "note",
        _("note for reception"),
        ("примечан", "коммент", "заметк", "note", "comment"),
        is_many=True,
    ),
    Field(
        "added_on",
        _("patient since"),
        ("дата регистр", "дата созд", "добавлен", "пациент с", "created", "registered", "since"),
    ),
    Field(
        "consent_personal",
        _("consent: personal data"),
        ("согласие на обработ", "согласие пд", "персональн", "consent personal", "gdpr"),
    ),
    Field(
        "consent_sms",
        _("consent: offers by SMS"),
        (
            "согласие на смс",
            "согласие на sms",
            "согласие sms",
            "согласие на рассыл",
            "смс рассыл",
            "sms рассыл",
            "рассыл",
            "consent sms",
        ),
    ),
    Field(
        "consent_email",
        _("consent: offers by e-mail"),
        (
            "согласие на почт",
            "согласие на e mail",
            "email рассыл",
            "e mail рассыл",
            "consent email",
        ),
    ),
    Field(
        "visit_on",
        _("visit: date"),
        (
            "дата визита",
            "дата посл",
            "дата прием",
            "дата посещ",
            "дата услуг",
            "дата",
            "visit date",
            "date",
        ),
    ),
    Field("visit_time", _("visit: time"), ("время", "time")),
    Field("visit_service", _("visit: service"), ("услуга", "процедура", "service", "наименование")),
    Field(
        "visit_doctor",
        _("visit: doctor"),
        ("врач", "доктор", "специалист", "мастер", "сотрудник", "doctor", "employee", "staff"),
    ),
    Field(
        "visit_sum",
        _("visit: sum"),
        ("сумма", "стоимость", "оплачено", "цена", "итого", "sum", "amount", "total", "price"),
    ),
)
BY_CODE = {field.code: field for field in FIELDS}
CONSENTS = {
    "consent_personal": ("PERSONAL_DATA", ""),
    "consent_sms": ("MARKETING", "SMS"),
    "consent_email": ("MARKETING", "EMAIL"),
}
"""Field → purpose and channel of the consent."""
NAMES = ("full_name", "last_name", "first_name")

_SIGNS = re.compile(r"[^\w\s]+")


def guess_mapping(columns: Sequence[str]) -> list[str]:
    """Return a field code for each heading, "" where it says nothing.

    The longest beginning wins, so «дата рождения» is no visit's date; a field that is not
    `is_many` goes to the first heading that reads like it.
    """
    mapping: list[str] = []
    for column in columns:
        code = _guess(fold(_SIGNS.sub(" ", column)))
        taken = code in BY_CODE and code in mapping and not BY_CODE[code].is_many
        mapping.append("" if taken else code)
    return mapping


def _guess(heading: str) -> str:
    found = [
        (len(name), field.code)
        for field in FIELDS
        for name in field.names
        if heading.startswith(name) or f" {name}" in heading
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else ""


def check_mapping(mapping: Sequence[str]) -> str:
    """Return the code of what is wrong with it, "" when it will do."""
    chosen = [code for code in mapping if code]
    if not any(code in NAMES for code in chosen):
        return "no_name_column"
    if "full_name" in chosen and "last_name" in chosen:
        return "name_twice"
    repeated = {code for code in chosen if chosen.count(code) > 1 and not BY_CODE[code].is_many}
    if repeated:
        return "field_twice"
    if any(code.startswith("visit_") for code in chosen) and "visit_on" not in chosen:
        return "no_visit_date"
    return ""
