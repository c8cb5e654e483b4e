"""Calls end in a booking, or in another time for the visit: both dialogs open over the list."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from appointments.models import SUBJECT_KIND
from worklist.models import Task, TaskKind
from worklist.steps import Step, register_step


def _booking_of_patient(task: Task) -> str:
    return f"{reverse('desk:booking')}?{urlencode({'patient': task.patient_id})}"


def _moving_of_visit(task: Task) -> str:
    if task.subject_kind != SUBJECT_KIND or task.subject_id is None:
        return _booking_of_patient(task)
    return reverse("desk:appointment_move", args=[task.subject_id])


register_step(
    Step(label=_("Book"), icon="calendar-plus", address=_booking_of_patient, is_dialog=True),
    TaskKind.CALL_NO_SHOW,
    TaskKind.CALL_BACK,
)
register_step(
    Step(label=_("Move"), icon="arrows-move", address=_moving_of_visit, is_dialog=True),
    TaskKind.CALL_MOVE,
)
