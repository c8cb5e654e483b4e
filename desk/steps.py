"""Calls end in a booking: the board opens with the patient already found."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from worklist.models import Task, TaskKind
from worklist.steps import Step, register_step


def _board_with_patient(task: Task) -> str:
    return f"{reverse('desk:board')}?{urlencode({'patient': task.patient_id})}"


register_step(
    Step(label=_("Book"), icon="calendar-plus", address=_board_with_patient),
    TaskKind.CALL_NO_SHOW,
    TaskKind.CALL_MOVE,
    TaskKind.CALL_BACK,
)
