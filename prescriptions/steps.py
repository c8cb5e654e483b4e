"""A prescribed line is booked on a page of its own."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from worklist.models import Task, TaskKind
from worklist.steps import Step, register_step


def _booking_of_line(task: Task) -> str:
    return reverse("prescriptions:line", args=[task.subject_id]) if task.subject_id else ""


register_step(
    Step(label=_("Book"), icon="calendar-plus", address=_booking_of_line), TaskKind.BOOK_COURSE
)
