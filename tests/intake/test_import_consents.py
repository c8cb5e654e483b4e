from datetime import timedelta

import pytest

from clinic.models import Branch
from intake.actions import MappingWrong, undo_import
from intake.records import Rules
from patients.models import Consent, Patient
from patients.queries import has_consent
from tests.factories import make_patient
from tests.intake.factories import NOW
from tests.intake.files import check, row, run, work

pytestmark = pytest.mark.django_db

BASIS = "Бумажные анкеты 2023–2025, строка «согласен на рассылку»."
RULES = Rules(basis=BASIS)
FILE = (
    "ФИО;Телефон;Почта;Согласие на обработку;Согласие на SMS;Согласие на email\n"
    "Иванова Анна;89167654321;anna@example.org;да;да;нет\n"
)


def marketing(patient: Patient, channel: str = "SMS") -> bool:
    return has_consent(patient_id=patient.pk, purpose="MARKETING", channel=channel)


def refuse(patient: Patient) -> None:
    earlier = NOW - timedelta(days=30)
    for action in ("GIVEN", "WITHDRAWN"):
        Consent.objects.create(
            patient=patient,
            purpose="MARKETING",
            channel="SMS",
            action=action,
            origin="DESK",
            text="Форма",
            at=earlier,
        )


def test_a_consent_comes_only_from_a_column_with_its_basis(moscow: Branch) -> None:
    with pytest.raises(MappingWrong):
        check(FILE, moscow)

    run(FILE, moscow, rules=RULES)

    anna = Patient.objects.get()
    assert marketing(anna)
    assert not marketing(anna, "EMAIL")
    assert has_consent(patient_id=anna.pk, purpose="PERSONAL_DATA")
    consent = Consent.objects.get(purpose="MARKETING")
    assert (consent.origin, consent.text, consent.at) == ("IMPORT", BASIS, NOW)


def test_without_a_column_nobody_consents(moscow: Branch) -> None:
    run("ФИО;Телефон\nИванова Анна;89167654321\n", moscow, rules=RULES)

    assert not Consent.objects.exists()


def test_a_withdrawal_is_never_revived(moscow: Branch) -> None:
    anna = make_patient(
        last_name="Иванова", first_name="Анна", middle_name="", phone="+79167654321"
    )
    refuse(anna)

    run(FILE, moscow, rules=RULES)

    assert not marketing(anna)
    assert has_consent(patient_id=anna.pk, purpose="PERSONAL_DATA")


def test_nor_by_another_card_with_the_same_phone(moscow: Branch) -> None:
    refuse(make_patient(last_name="Иванов", first_name="Лев", phone="+79167654321"))

    run(FILE, moscow, rules=RULES)

    anna = Patient.objects.get(last_name="Иванова")
    assert not marketing(anna)


def test_no_address_no_consent(moscow: Branch) -> None:
    run("ФИО;Согласие на SMS\nИванова Анна;да\n", moscow, rules=RULES)

    assert not Consent.objects.exists()


def test_undoing_takes_the_consent_back(moscow: Branch) -> None:
    file = run(FILE, moscow, rules=RULES)

    undo_import(import_id=file.pk)
    work()

    anna = Patient.objects.get()
    assert not marketing(anna)
    assert row(file, 2).reason == "stays:patients.consent"
