from datetime import timedelta

import pytest

from appointments.models import Appointment, PatientTotals
from campaigns.actions import leave_silence, reconsider_silence
from campaigns.models import Run, RunStatus, Scenario
from messaging.models import Message
from tests.campaigns.scenarios.factories import consent, make_finished, one_look
from tests.factories import Clinic, make_appointment
from worklist.models import Task, TaskKind

DAY = timedelta(days=1)


@pytest.fixture
def last_visit(clinic: Clinic) -> Appointment:
    ended = clinic.at("11:00") - 200 * DAY
    visit = make_finished(clinic, finished_at=ended)
    consent(clinic.patient, ended)
    return visit


def test_three_messages_then_a_call(
    clinic: Clinic, reactivation: Scenario, last_visit: Appointment
) -> None:
    for days in range(110):
        one_look(last_visit.starts_at + days * DAY)

    sent = Message.objects.order_by("send_at")
    assert [message.kind for message in sent] == [f"reactivation_{n}" for n in (1, 2, 3)]
    local = [message.send_at.astimezone(clinic.branch.zone) for message in sent]
    began = last_visit.starts_at.astimezone(clinic.branch.zone).date()
    assert [(at.date() - began).days for at in local] == [60, 74, 90]
    assert {at.hour for at in local} == {11}
    assert Task.objects.get().kind == TaskKind.CALL_BACK
    assert Run.objects.get().status == RunStatus.FINISHED


def test_without_a_live_consent_nobody_is_written_to(
    clinic: Clinic, reactivation: Scenario, last_visit: Appointment
) -> None:
    consent(clinic.patient, last_visit.ends_at + DAY, action="WITHDRAWN")

    for days in range(59, 64):
        one_look(last_visit.starts_at + days * DAY)

    assert not Run.objects.exists()


def test_who_has_booked_does_not_enter(
    clinic: Clinic, reactivation: Scenario, last_visit: Appointment
) -> None:
    make_appointment(clinic, starts_at=last_visit.starts_at + 70 * DAY)

    for days in range(59, 64):
        one_look(last_visit.starts_at + days * DAY)

    assert not Run.objects.exists()


def test_who_books_leaves_at_that_moment(
    clinic: Clinic, reactivation: Scenario, last_visit: Appointment
) -> None:
    day_61 = last_visit.starts_at + 61 * DAY
    one_look(day_61)

    ended = leave_silence(patient_id=clinic.patient.pk, reason="booked", now=day_61)

    run = Run.objects.get()
    assert (ended, run.status, run.left_reason, run.ended_at) == (1, "LEFT", "booked", day_61)


def test_a_booking_that_falls_away_brings_the_patient_back_step_by_step(
    clinic: Clinic, reactivation: Scenario, last_visit: Appointment
) -> None:
    day_100 = last_visit.starts_at + 100 * DAY
    PatientTotals.objects.filter(pk=clinic.patient.pk).update(last_visit_at=last_visit.starts_at)

    started = reconsider_silence(patient_id=clinic.patient.pk, now=day_100)
    one_look(day_100 + DAY)

    assert started == 1
    assert [message.kind for message in Message.objects.all()] == ["reactivation_1"]
    assert reconsider_silence(patient_id=clinic.patient.pk, now=day_100) == 0


def test_who_became_silent_before_the_scenario_began_is_not_flooded(
    clinic: Clinic, reactivation: Scenario, last_visit: Appointment
) -> None:
    reactivation.watermark_at = last_visit.starts_at + 80 * DAY
    reactivation.save()

    one_look(last_visit.starts_at + 81 * DAY)

    assert not Run.objects.exists()
