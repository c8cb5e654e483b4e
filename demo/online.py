"""What patients of the demo clinic see when they book themselves."""

import random
from collections.abc import Iterable
from datetime import datetime

from demo.diary import Worker
from online.models import OnlineSetting, Profile

GREETING = "Запишитесь за минуту: без регистрации, в любое время суток."
ABOUT = {
    "CONSULTATION": (
        "Разбирается в причине боли и объясняет её простыми словами.",
        "Внимательно слушает и составляет понятный план на ближайшие недели.",
        "Принимает взрослых и подростков, ведёт пациентов до результата.",
    ),
    "HANDS": (
        "Работает мягко и предупреждает о каждом движении.",
        "Подбирает нагрузку под самочувствие, не торопится.",
        "Показывает, что делать дома между занятиями.",
    ),
}
DOCTORS = ("невролог", "ортопед", "терапевт")


def open_online(dice: random.Random, workers: Iterable[Worker], *, now: datetime) -> None:
    """Open online booking and say of everybody who takes patients since when he practises."""
    OnlineSetting.objects.create(pk=1, is_open=True, greeting=GREETING)
    Profile.objects.bulk_create(
        Profile(
            employee_id=worker.id,
            since_year=now.year - dice.randint(4, 27),
            about=dice.choice(ABOUT["CONSULTATION" if _is_doctor(worker) else "HANDS"]),
        )
        for worker in workers
    )


def _is_doctor(worker: Worker) -> bool:
    return any(title in worker.post.title.lower() for title in DOCTORS)
