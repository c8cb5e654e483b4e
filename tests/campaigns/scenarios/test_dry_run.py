from datetime import timedelta

import pytest
from django.core.management import call_command

from campaigns.models import Run, Scenario
from messaging.models import Message
from outbox.models import Event
from tests.campaigns.scenarios.factories import consent, make_finished
from tests.factories import Clinic, make_appointment, make_patient

DAY = timedelta(days=1)


def dry_run(now: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("tick", now=now, dry_run=True)
    return capsys.readouterr().out


def test_it_says_what_would_go_and_changes_nothing(
    clinic: Clinic, reminder: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    make_appointment(clinic, "10:00")

    out = dry_run((clinic.at("10:00") - DAY).isoformat(), capsys)

    (line,) = [line for line in out.splitlines() if clinic.patient.full_name in line]
    assert "было бы отправлено" in line
    assert not Run.objects.exists()
    assert not Message.objects.exists()
    assert not Event.objects.exists()


def test_it_says_why_the_rest_would_not(
    clinic: Clinic,
    reminder: Scenario,
    reactivation: Scenario,
    capsys: pytest.CaptureFixture[str],
) -> None:
    silent = make_patient(last_name="Тихая")
    noon = clinic.at("12:00")
    nowhere = make_patient(last_name="Безадресная")
    make_finished(clinic, finished_at=noon - 61 * DAY, patient=silent)
    make_finished(clinic, finished_at=noon - 61 * DAY + timedelta(hours=1))
    consent(clinic.patient, noon - 90 * DAY)
    make_appointment(clinic, starts_at=noon + DAY, patient=nowhere)

    lines = dry_run(noon.isoformat(), capsys).splitlines()

    told = {
        name: next(line for line in lines if name in line)
        for name in ("Тихая", "Безадресная", clinic.patient.full_name)
    }
    assert "Есть действующее согласие на рекламные сообщения" in told["Тихая"]
    assert "не было бы отправлено" in told["Безадресная"]
    assert "  было бы отправлено  " in told[clinic.patient.full_name]
