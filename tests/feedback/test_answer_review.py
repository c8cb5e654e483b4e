from datetime import timedelta

import pytest

from appointments.models import Appointment
from clinic.models import Setting, User
from feedback.actions import (
    AlreadyAnswered,
    CaseAlreadyResolved,
    ResolutionMissing,
    VisitNotFinished,
    answer_review,
    resolve_case,
    take_case,
)
from feedback.models import Answer, Case, CaseStatus
from feedback.queries import get_nps
from outbox.models import Event
from tests.factories import Clinic, make_appointment, make_clinic

DONE = Appointment.Status.DONE


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()


def answer(clinic: Clinic, score: int, clock: str = "10:00") -> Answer:
    visit = make_appointment(clinic, clock, status=DONE)
    return answer_review(
        appointment_id=visit.pk, score=score, comment=" Спасибо! ", now=clinic.at("20:00")
    )


def test_a_happy_answer_is_kept_and_opens_nothing(clinic: Clinic) -> None:
    given = answer(clinic, 7)

    assert (given.score, given.comment, given.patient) == (7, "Спасибо!", clinic.patient)
    assert not Case.objects.exists()
    assert Event.objects.get().name == "feedback.VisitReviewed"


@pytest.mark.parametrize("score", [0, 6])
def test_an_unhappy_answer_opens_a_case_with_a_deadline(clinic: Clinic, score: int) -> None:
    Setting.objects.create(pk=1, case_term_hours=8)

    given = answer(clinic, score)

    case = Case.objects.get()
    assert (case.answer, case.status, case.branch) == (given, CaseStatus.OPEN, clinic.branch)
    assert case.due_at == clinic.at("20:00") + timedelta(hours=8)


def test_a_visit_is_rated_once(clinic: Clinic) -> None:
    given = answer(clinic, 9)

    with pytest.raises(AlreadyAnswered):
        answer_review(
            appointment_id=given.appointment_id, score=0, comment="", now=clinic.at("20:01")
        )

    assert Answer.objects.get().score == 9
    assert not Case.objects.exists()


def test_a_visit_that_has_not_been_cannot_be_rated(clinic: Clinic) -> None:
    visit = make_appointment(clinic)

    with pytest.raises(VisitNotFinished):
        answer_review(appointment_id=visit.pk, score=9, comment="", now=clinic.at("20:00"))

    assert not Answer.objects.exists()


def test_a_case_is_taken_and_resolved_with_how_it_ended(clinic: Clinic, viktor: User) -> None:
    answer(clinic, 3)
    case = Case.objects.get()

    take_case(case_id=case.pk, employee_id=viktor.employee.pk)
    with pytest.raises(ResolutionMissing):
        resolve_case(case_id=case.pk, resolution=" ", actor_id=viktor.pk, now=clinic.at("20:30"))
    resolve_case(
        case_id=case.pk, resolution="Извинились", actor_id=viktor.pk, now=clinic.at("20:30")
    )

    case.refresh_from_db()
    assert (case.status, case.owner, case.resolved_at) == (
        CaseStatus.RESOLVED,
        viktor.employee,
        clinic.at("20:30"),
    )
    with pytest.raises(CaseAlreadyResolved):
        take_case(case_id=case.pk, employee_id=viktor.employee.pk)


def test_nps_is_promoters_less_detractors_in_per_cent(clinic: Clinic) -> None:
    for clock, score in (("09:00", 10), ("10:00", 9), ("11:00", 8), ("12:00", 2)):
        answer(clinic, score, clock)

    nps = get_nps(now=clinic.at("21:00"))

    assert (nps.answers, nps.promoters, nps.passives, nps.detractors) == (4, 2, 1, 1)
    assert nps.score == 25
    assert get_nps(now=clinic.at("21:00") + timedelta(days=91)).score is None
