from datetime import datetime, timedelta

import pytest

from clinic.models import Branch, Role, User
from outbox.models import Event
from patients.models import Patient
from tests.factories import make_patient
from worklist.actions import (
    CALL_AGAIN_AFTER,
    CallReport,
    DueInPast,
    TaskNotOpen,
    TaskOrder,
    TaskTakenByOther,
    close_tasks,
    close_tasks_of_patient,
    finish_task,
    open_task,
    postpone_task,
    record_call,
    release_task,
    reopen_task,
    take_task,
)
from worklist.models import CallOutcome, Task

NOW = datetime.fromisoformat("2026-11-23T10:00+03:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def anna(moscow: Branch) -> Patient:
    return make_patient(branch=moscow)


def order(anna: Patient, **fields: object) -> TaskOrder:
    defaults: dict[str, object] = {
        "kind": Task.Kind.CALL_NO_SHOW,
        "patient_id": anna.pk,
        "branch_id": anna.branch_id,
        "role": Role.ADMINISTRATOR,
        "source": "no-show:1",
        "subject_kind": "appointments.appointment",
        "subject_id": 1,
        "due_at": NOW + HOUR,
    }
    return TaskOrder(**defaults | fields)  # type: ignore[arg-type]  # a dictionary of any fields


def opened(anna: Patient, **fields: object) -> Task:
    return open_task(order=order(anna, **fields), actor_id=None, now=NOW)


def names() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_a_task_is_opened_and_told(anna: Patient, olga: User) -> None:
    task = open_task(order=order(anna), actor_id=olga.pk, now=NOW)

    assert (task.status, task.due_at) == (Task.Status.OPEN, NOW + HOUR)
    event = Event.objects.get()
    assert (event.name, event.patient_id, event.actor_id) == (
        "worklist.TaskOpened",
        anna.pk,
        olga.pk,
    )
    assert event.payload == {"task_id": task.pk}


def test_the_same_source_opens_one_task_ever(anna: Patient) -> None:
    first = opened(anna)
    finish_task(task_id=first.pk, result="called", actor_id=None, now=NOW)

    again = opened(anna)

    assert again.pk == first.pk
    assert again.status == Task.Status.DONE
    assert names() == ["worklist.TaskOpened", "worklist.TaskClosed"]


def test_taking_twice_is_harmless_and_a_colleague_is_refused(
    anna: Patient, olga: User, viktor: User
) -> None:
    task = opened(anna)

    for _ in range(2):
        take_task(task_id=task.pk, employee_id=olga.employee.pk, actor_id=olga.pk, now=NOW)
    with pytest.raises(TaskTakenByOther):
        take_task(task_id=task.pk, employee_id=viktor.employee.pk, actor_id=viktor.pk, now=NOW)

    task.refresh_from_db()
    assert task.assignee == olga.employee
    assert names() == ["worklist.TaskOpened", "worklist.TaskTaken"]


def test_a_released_task_can_be_taken_by_another(anna: Patient, olga: User, viktor: User) -> None:
    task = opened(anna)
    take_task(task_id=task.pk, employee_id=olga.employee.pk, actor_id=olga.pk, now=NOW)

    release_task(task_id=task.pk)
    take_task(task_id=task.pk, employee_id=viktor.employee.pk, actor_id=viktor.pk, now=NOW)

    task.refresh_from_db()
    assert task.assignee == viktor.employee


def test_postponing_into_the_past_changes_nothing(anna: Patient) -> None:
    task = opened(anna)

    with pytest.raises(DueInPast):
        postpone_task(task_id=task.pk, due_at=NOW - HOUR, now=NOW)

    task.refresh_from_db()
    assert task.due_at == NOW + HOUR


@pytest.mark.parametrize(
    ("again_at", "due_at"), [(None, NOW + CALL_AGAIN_AFTER), (NOW + 5 * HOUR, NOW + 5 * HOUR)]
)
def test_no_answer_counts_the_attempt_and_comes_back(
    anna: Patient, again_at: datetime | None, due_at: datetime
) -> None:
    task = opened(anna)

    report = CallReport(outcome=CallOutcome.NO_ANSWER, again_at=again_at)
    record_call(task_id=task.pk, report=report, actor_id=None, now=NOW)

    task.refresh_from_db()
    assert (task.status, task.attempts, task.due_at) == (Task.Status.OPEN, 1, due_at)
    assert names() == ["worklist.TaskOpened", "worklist.CallMade"]


def test_a_refusal_on_the_phone_closes_the_task_with_the_words(anna: Patient, olga: User) -> None:
    task = opened(anna)

    report = CallReport(outcome=CallOutcome.REFUSED, note="переехала")
    record_call(task_id=task.pk, report=report, actor_id=olga.pk, now=NOW)

    task.refresh_from_db()
    assert (task.status, task.attempts, task.closed_by) == (Task.Status.DONE, 1, olga)
    assert task.result.endswith(": переехала")
    assert names() == ["worklist.TaskOpened", "worklist.CallMade", "worklist.TaskClosed"]


def test_finishing_twice_the_same_way_is_one_closing(anna: Patient, olga: User) -> None:
    task = opened(anna)

    for _ in range(2):
        finish_task(task_id=task.pk, result="booked", actor_id=olga.pk, now=NOW)

    assert names().count("worklist.TaskClosed") == 1


def test_a_closed_task_refuses_another_result(anna: Patient, olga: User) -> None:
    task = opened(anna)
    finish_task(task_id=task.pk, result="booked", actor_id=olga.pk, now=NOW)

    with pytest.raises(TaskNotOpen):
        finish_task(task_id=task.pk, result="refused", actor_id=olga.pk, now=NOW)
    with pytest.raises(TaskNotOpen):
        record_call(
            task_id=task.pk,
            report=CallReport(outcome=CallOutcome.NO_ANSWER),
            actor_id=None,
            now=NOW,
        )

    task.refresh_from_db()
    assert (task.result, task.attempts) == ("booked", 0)


def test_a_closing_by_mistake_is_undone(anna: Patient) -> None:
    task = opened(anna)
    finish_task(task_id=task.pk, result="booked", actor_id=None, now=NOW)

    reopen_task(task_id=task.pk, actor_id=None, now=NOW)

    task.refresh_from_db()
    assert (task.status, task.closed_at) == (Task.Status.OPEN, None)


def test_evidence_closes_only_the_tasks_about_its_subject(anna: Patient) -> None:
    mine, other = opened(anna), opened(anna, source="no-show:2", subject_id=2)

    closed = close_tasks(
        subject_kind="appointments.appointment",
        subject_id=1,
        kinds=[Task.Kind.CALL_NO_SHOW],
        result="the patient came",
        status=Task.Status.CANCELLED,
        actor_id=None,
        now=NOW,
    )

    assert closed == 1
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, other.status) == (Task.Status.CANCELLED, Task.Status.OPEN)


def test_evidence_about_the_patient_closes_the_kinds_named(anna: Patient) -> None:
    call, course = opened(anna), opened(anna, source="line:1", kind=Task.Kind.BOOK_COURSE)

    closed = close_tasks_of_patient(
        patient_id=anna.pk,
        kinds=[Task.Kind.CALL_NO_SHOW, Task.Kind.CALL_BACK],
        result="booked",
        actor_id=None,
        now=NOW,
    )

    assert closed == 1
    call.refresh_from_db()
    course.refresh_from_db()
    assert (call.status, course.status) == (Task.Status.DONE, Task.Status.OPEN)
