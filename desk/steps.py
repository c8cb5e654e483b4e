"""Calls end in a booking, or in another time for the visit: both dialogs open over the list."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from appointments.models import SUBJECT_KIND
from worklist.models import Task, TaskKind
from worklist.steps import Step, register_step


def _booking_again(task: Task) -> str:
    """The same service and doctor as the visit that the task is about, if it is about one."""
    if _is_about_visit(task):
        return f"{reverse('desk:booking')}?like={task.subject_id}"
    return f"{reverse('desk:booking')}?patient={task.patient_id}"


def _moving_of_visit(task: Task) -> str:
    if not _is_about_visit(task):
        return _booking_again(task)
    return reverse("desk:appointment_move", args=[task.subject_id])


def _dialog_of_visit(task: Task) -> str:
    """Where the visit is confirmed, moved or cancelled while the patient is on the phone."""
    return reverse("desk:appointment", args=[task.subject_id]) if _is_about_visit(task) else ""


def _is_about_visit(task: Task) -> bool:
    return task.subject_kind == SUBJECT_KIND and task.subject_id is not None


register_step(
    Step(label=_("Book"), icon="calendar-plus", address=_booking_again, is_dialog=True),
    TaskKind.CALL_NO_SHOW,
    TaskKind.CALL_BACK,
)
register_step(
    Step(label=_("Move"), icon="arrows-move", address=_moving_of_visit, is_dialog=True),
    TaskKind.CALL_MOVE,
    TaskKind.CALL_OUTSIDE,
)
register_step(
    Step(label=_("Visit"), icon="calendar-event", address=_dialog_of_visit, is_dialog=True),
    TaskKind.CALL_CONFIRM,
)
