from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from campaigns.actions import start_all_runs, step_next
from campaigns.models import Run, RunStatus
from messaging.models import Message
from tests.campaigns.scenarios.conftest import _running
from tests.campaigns.scenarios.factories import make_finished
from tests.factories import make_clinic, make_patient

WORKERS = 6


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_workers_and_schedulers_at_once_take_each_step_once() -> None:
    clinic = make_clinic()
    _running("review-request")
    ended = clinic.at("10:00")
    for number in range(30):
        patient = make_patient(phone=f"+7916000{number:04}")
        finished_at = ended + timedelta(hours=number)
        make_finished(clinic, finished_at=finished_at, patient=patient)
    now = ended + timedelta(days=3)

    def work(_worker: int) -> int:
        try:
            start_all_runs(now=now)
            steps = 0
            while step_next(now=now):
                steps += 1
            return steps
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        taken = list(pool.map(work, range(WORKERS)))
    taken.append(work(0))

    assert sum(taken) == Run.objects.count() == Message.objects.count() == 30
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.FINISHED}
