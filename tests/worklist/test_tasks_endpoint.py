from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from clinic.models import Branch, User
from tests.factories import make_patient
from tests.worklist.factories import make_task
from worklist.models import Task

HOUR = timedelta(hours=1)


def client_of(user: User) -> APIClient:
    api = APIClient()
    api.force_authenticate(user)
    return api


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def test_tasks_come_by_term_and_are_narrowed(olga: User, moscow: Branch, now: datetime) -> None:
    later = make_task(moscow, make_patient(), now=now)
    overdue = make_task(moscow, make_patient(), now=now, due_at=now - HOUR)
    api = client_of(olga)

    def found(query: str = "") -> list[int]:
        return [task["id"] for task in api.get(f"/api/v1/tasks/{query}").data["results"]]

    assert found() == [overdue.pk, later.pk]
    assert found("?state=overdue") == [overdue.pk]
    assert found(f"?kind=CALL_MOVE&branch={moscow.pk}") == []
    assert api.get("/api/v1/tasks/?state=nonsense").status_code == 400


def test_a_task_is_finished_once(olga: User, moscow: Branch, now: datetime) -> None:
    task = make_task(moscow, make_patient(), now=now)
    address = f"/api/v1/tasks/{task.pk}/finish/"
    api = client_of(olga)

    for _ in range(2):
        assert api.post(address, {"result": "записали"}).data["status"] == "DONE"

    answer = api.post(address, {"result": "другое"})
    assert (answer.status_code, answer.data["code"]) == (409, "task_not_open")
    assert Task.objects.get().result == "записали"


def test_a_doctor_works_on_his_own_tasks(dmitry: User, moscow: Branch, now: datetime) -> None:
    task = make_task(moscow, make_patient(), now=now)
    api = client_of(dmitry)

    assert api.get("/api/v1/tasks/").data["results"] == []
    assert api.post(f"/api/v1/tasks/{task.pk}/finish/", {}).status_code == 403
    assert Task.objects.get().status == Task.Status.OPEN
