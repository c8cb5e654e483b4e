import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import Branch, User
from patients.models import Patient
from tests.factories import make_branch, make_employee, make_patient
from tests.worklist.factories import make_task
from worklist.actions import finish_task
from worklist.models import Task

HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def anna(moscow: Branch) -> Patient:
    return make_patient(last_name="Аннина", phone="+79161234567")


@pytest.fixture
def desk(client_for: Callable[[User], Client], olga: User) -> Client:
    return client_for(olga)


def page(client: Client, query: str = "") -> str:
    return client.get(reverse("worklist:tasks") + query).content.decode()


def post(client: Client, name: str, task: Task, **fields: str) -> str:
    """Do it and return what the answer tells the page."""
    answer = client.post(
        reverse(f"worklist:{name}", args=[task.pk]), fields, headers={"HX-Request": "true"}
    )
    assert answer.status_code in {200, 204}, answer.content.decode()
    return str(json.loads(answer.headers["HX-Trigger"]))


def test_what_is_due_first_comes_first(
    desk: Client, moscow: Branch, anna: Patient, now: datetime
) -> None:
    make_task(moscow, anna, now=now, due_at=now + HOUR)
    make_task(moscow, make_patient(last_name="Борисова"), now=now, due_at=now - HOUR)

    html = page(desk)

    assert html.index("Борисова") < html.index("Аннина")
    assert html.count("task-overdue") == 1
    assert "+7 916 123-45-67" in html.replace("\xa0", " ")


def test_the_page_costs_few_queries(
    desk: Client,
    moscow: Branch,
    now: datetime,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for _ in range(10):
        make_task(moscow, make_patient(), now=now)
    page(desk)

    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]  # a context manager
        page(desk)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Аннина", "Борисова"]),
        ("?state=overdue", ["Борисова"]),
        ("?state=closed", ["Васина"]),
        ("?text=аннин", ["Аннина"]),
        ("?kind=CALL_MOVE", ["Борисова"]),
        ("?whose=mine", ["Аннина"]),
        ("?whose=free", ["Борисова"]),
        ("?state=nonsense", ["Аннина", "Борисова"]),
    ],
)
def test_filters_narrow_the_list(
    desk: Client,
    olga: User,
    moscow: Branch,
    anna: Patient,
    now: datetime,
    query: str,
    found: list[str],
) -> None:
    make_task(moscow, anna, now=now, assignee_id=olga.employee.pk)
    late = make_patient(last_name="Борисова")
    make_task(moscow, late, now=now, kind=Task.Kind.CALL_MOVE, due_at=now - HOUR)
    closed = make_task(moscow, make_patient(last_name="Васина"), now=now)
    finish_task(task_id=closed.pk, result="", actor_id=None, now=now)
    elsewhere = make_patient(last_name="Другова")
    make_task(make_branch(name="Казань"), elsewhere, now=now)

    html = page(desk, query)

    names = ("Аннина", "Борисова", "Васина", "Другова")
    assert [name for name in names if name in html] == found


def test_nothing_to_do_says_so(desk: Client) -> None:
    assert "Всё сделано" in page(desk)


def test_a_task_is_taken_and_given_back(
    desk: Client, olga: User, moscow: Branch, anna: Patient, now: datetime
) -> None:
    task = make_task(moscow, anna, now=now)

    post(desk, "task_take", task)
    assert Task.objects.get().assignee == olga.employee
    assert "взяли вы" in page(desk)

    post(desk, "task_release", task)
    assert Task.objects.get().assignee is None


def test_a_task_of_a_colleague_is_not_taken(
    desk: Client, moscow: Branch, anna: Patient, now: datetime
) -> None:
    colleague = make_employee()
    task = make_task(moscow, anna, now=now, assignee_id=colleague.pk)

    said = post(desk, "task_take", task)

    assert Task.objects.get().assignee == colleague
    assert "уже взял коллега" in said


def test_a_call_without_an_answer_comes_back_later(
    desk: Client, moscow: Branch, anna: Patient, now: datetime
) -> None:
    task = make_task(moscow, anna, now=now)
    assert (
        "Чем закончился звонок"
        in desk.get(reverse("worklist:task_call", args=[task.pk])).content.decode()
    )

    post(desk, "task_call", task, outcome="NO_ANSWER", later="tomorrow", note="")

    task.refresh_from_db()
    due_at = task.due_at.astimezone(moscow.zone)
    assert (task.status, task.attempts) == (Task.Status.OPEN, 1)
    assert (due_at.date(), due_at.hour) == (
        (now.astimezone(moscow.zone) + timedelta(days=1)).date(),
        10,
    )


def test_a_call_without_an_outcome_is_asked_for(
    desk: Client, moscow: Branch, anna: Patient, now: datetime
) -> None:
    task = make_task(moscow, anna, now=now)

    answer = desk.post(reverse("worklist:task_call", args=[task.pk]), {"note": "занято"})

    assert answer.status_code == 422
    assert "занято" in answer.content.decode()
    assert Task.objects.get().attempts == 0


def test_done_can_be_undone(desk: Client, moscow: Branch, anna: Patient, now: datetime) -> None:
    task = make_task(moscow, anna, now=now)

    post(desk, "task_finish", task, result="записали")
    task.refresh_from_db()
    assert (task.status, task.result) == (Task.Status.DONE, "записали")

    post(desk, "task_reopen", task)
    assert Task.objects.get().status == Task.Status.OPEN


def test_a_closed_task_refuses_a_second_result(
    desk: Client, moscow: Branch, anna: Patient, now: datetime
) -> None:
    task = make_task(moscow, anna, now=now)
    finish_task(task_id=task.pk, result="первый", actor_id=None, now=now)

    answer = desk.post(reverse("worklist:task_finish", args=[task.pk]), {"result": "второй"})

    assert answer.status_code == 422
    assert Task.objects.get().result == "первый"


def test_a_task_is_postponed(desk: Client, moscow: Branch, anna: Patient, now: datetime) -> None:
    task = make_task(moscow, anna, now=now)

    post(desk, "task_postpone", task, later="week")

    assert (Task.objects.get().due_at - now).days in {6, 7}
