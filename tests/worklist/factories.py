from datetime import datetime, timedelta
from itertools import count
from typing import Any

from clinic.models import Branch, Role
from patients.models import Patient
from worklist.actions import TaskOrder, open_task
from worklist.models import Task

_numbers = count(1)


def make_task(branch: Branch, patient: Patient, *, now: datetime, **fields: Any) -> Task:
    """An open call about a no-show, due in an hour."""
    defaults: dict[str, Any] = {
        "kind": Task.Kind.CALL_NO_SHOW,
        "patient_id": patient.pk,
        "branch_id": branch.pk,
        "role": Role.ADMINISTRATOR,
        "source": f"test:{next(_numbers)}",
        "due_at": now + timedelta(hours=1),
    }
    return open_task(order=TaskOrder(**defaults | fields), actor_id=None, now=now)
