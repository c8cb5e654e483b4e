"""What the product sends, and what each text may say.

A kind fixes the purpose of a message and the variables that its callers supply. Texts are edited
by the clinic (`Template`); a text that uses anything else cannot be saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from clinic.models import Branch
from messaging.models import Purpose
from patients.models import Patient

COMMON = frozenset({"name"})
BRANCH = frozenset({"branch", "address", "phone"})
MOMENT = frozenset({"date", "day", "time"})


@dataclass(frozen=True)
class Variable:
    """A plain text that a template may name; `sample` fills it in previews, per language."""

    label: str | Promise
    sample: Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """`variables` are those the caller supplies; `COMMON` ones are filled in for every kind.

    A text that does not name the `required` ones has no point.
    """

    name: str | Promise
    purpose: Purpose
    variables: frozenset[str]
    required: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """Every variable that a text of this kind may name."""
        return self.variables | COMMON


VARIABLES: dict[str, Variable] = {
    "name": Variable(_("how to address the patient"), {"ru": "Анна Сергеевна", "en": "Anna"}),
    "date": Variable(_("date in figures"), {"ru": "12.03", "en": "12 Mar"}),
    "day": Variable(_("date in words"), {"ru": "12 марта, четверг", "en": "Thursday, 12 March"}),
    "time": Variable(_("time at the branch"), {"ru": "10:00", "en": "10:00"}),
    "until": Variable(_("time by which to answer"), {"ru": "10:15", "en": "10:15"}),
    "branch": Variable(_("branch"), {"ru": "На Тверской", "en": "Tverskaya"}),
    "address": Variable(
        _("address of the branch"), {"ru": "ул. Тверская, 12", "en": "12 Tverskaya st."}
    ),
    "phone": Variable(
        _("phone of the branch"), {"ru": "8 (495) 123-45-67", "en": "+7 495 123-45-67"}
    ),
    "minutes": Variable(_("minutes of delay"), dict.fromkeys(("ru", "en"), "20")),
    "code": Variable(_("code of six figures"), {"ru": "482913", "en": "482913"}),
    "link": Variable(
        _("personal link"),
        dict.fromkeys(("ru", "en"), "https://clinic.ru/v/bO3kZ0vWmTq9yXcR1aLd5g/"),
    ),
}

CODE_KINDS = frozenset({"address_code"})
"""Messages with a code: nobody but the receiver ever reads it."""

SECRET = frozenset({"diagnosis", "doctor", "employee", "price", "result", "service", "specialty"})
"""Words people try as variables that would tell a stranger what the patient comes for."""

KINDS: dict[str, Kind] = {
    "address_code": Kind(
        _("Code that proves a phone or an e-mail"),
        Purpose.SERVICE,
        frozenset({"code"}),
        frozenset({"code"}),
    ),
    "appointment_reminder": Kind(
        _("Appointment reminder"),
        Purpose.SERVICE,
        MOMENT | BRANCH | {"link"},
        frozenset({"link", "time"}),
    ),
    "appointment_moved": Kind(
        _("Visit moved by the clinic"),
        Purpose.SERVICE,
        MOMENT | BRANCH | {"link"},
        frozenset({"date", "time"}),
    ),
    "appointment_cancelled": Kind(
        _("Visit cancelled by the clinic"),
        Purpose.SERVICE,
        MOMENT | BRANCH,
        frozenset({"date", "time"}),
    ),
    "running_late": Kind(
        _("Delay of today's visit"),
        Purpose.SERVICE,
        MOMENT | BRANCH | {"minutes"},
        frozenset({"minutes"}),
    ),
    "review_request": Kind(
        _("Review request"), Purpose.SERVICE, BRANCH | {"link"}, frozenset({"link"})
    ),
    "slot_offer": Kind(
        _("Offer of a freed time"),
        Purpose.SERVICE,
        MOMENT | BRANCH | {"link", "until"},
        frozenset({"link", "time", "until"}),
    ),
    "reactivation_1": Kind(_("Win-back, first message"), Purpose.MARKETING, BRANCH),
    "reactivation_2": Kind(_("Win-back, second message"), Purpose.MARKETING, BRANCH),
    "reactivation_3": Kind(_("Win-back, third message"), Purpose.MARKETING, BRANCH),
}


def fill_sample(language: str) -> dict[str, str]:
    """Return a value for every variable, for previews."""
    return {name: variable.sample[language] for name, variable in VARIABLES.items()}


def describe_moment(at: datetime, *, zone: ZoneInfo, language: str) -> dict[str, str]:
    """Return `date`, `day` and `time` as a person at the branch reads them."""
    local = at.astimezone(zone)
    with translation.override(language):
        if language == "ru":
            date, day = date_format(local, "d.m"), date_format(local, "j E, l").lower()
        else:
            date, day = date_format(local, "j M"), date_format(local, "l, j F")
    return {"date": date, "day": day, "time": local.strftime("%H:%M")}


def describe_branch(branch: Branch) -> dict[str, str]:
    """Return `branch`, `address` and `phone`; the phone as people dial it, "" when unknown."""
    phone = branch.phone.as_national if isinstance(branch.phone, PhoneNumber) else ""
    return {"branch": branch.name, "address": branch.address, "phone": phone}


def describe_patient(patient: Patient) -> dict[str, str]:
    """Return `name`: first name and patronymic, as one is addressed in a clinic."""
    return {"name": " ".join(filter(None, [patient.first_name, patient.middle_name]))}
