from datetime import timedelta

from django.utils import timezone

from campaigns.models import Run, Scenario
from feedback.actions import answer_review
from messaging.models import Message
from tests.campaigns.scenarios.factories import make_finished, one_look
from tests.factories import Clinic

HOURS_2 = timedelta(hours=2)
DAY = timedelta(days=1)


def test_two_hours_after_a_visit_a_review_is_asked(clinic: Clinic, review: Scenario) -> None:
    ended = clinic.at("11:00")
    make_finished(clinic, finished_at=ended)

    one_look(ended + timedelta(minutes=5))
    assert not Message.objects.exists()
    one_look(ended + HOURS_2)

    message = Message.objects.get()
    assert (message.kind, message.send_at) == ("review_request", ended + HOURS_2)
    assert "/r/" in message.body


def test_a_visit_committed_late_is_not_missed(clinic: Clinic, review: Scenario) -> None:
    ended = clinic.at("11:00")
    one_look(ended + timedelta(minutes=30))
    make_finished(clinic, finished_at=ended)

    one_look(ended + timedelta(minutes=31))

    assert Run.objects.count() == 1


def test_a_look_into_the_future_misses_nothing_that_happens_meanwhile(
    clinic: Clinic, review: Scenario
) -> None:
    ended = timezone.now()
    one_look(ended + 30 * DAY)
    make_finished(clinic, finished_at=ended)

    one_look(ended + HOURS_2)

    assert Run.objects.count() == 1


def test_who_was_asked_within_a_month_is_left_in_peace(clinic: Clinic, review: Scenario) -> None:
    first = clinic.at("11:00")
    make_finished(clinic, finished_at=first)
    one_look(first + HOURS_2)
    second = first + 10 * DAY
    make_finished(clinic, finished_at=second)
    one_look(second + HOURS_2)
    third = first + 31 * DAY
    make_finished(clinic, finished_at=third)
    one_look(third + HOURS_2)

    assert sorted(message.send_at for message in Message.objects.all()) == [
        first + HOURS_2,
        third + HOURS_2,
    ]


def test_who_has_answered_is_not_asked(clinic: Clinic, review: Scenario) -> None:
    ended = clinic.at("11:00")
    visit = make_finished(clinic, finished_at=ended)
    one_look(ended + timedelta(minutes=5))
    answer_review(appointment_id=visit.pk, score=9, comment="", now=ended + timedelta(hours=1))

    one_look(ended + HOURS_2)

    assert not Message.objects.exists()
    assert Run.objects.get().left_reason == "answered"
