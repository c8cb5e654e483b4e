"""The prescriptions of a branch, as rows: where each line of a course stands by now."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from demo.diary import Course, Diary, Row
from demo.plans import Line
from prescriptions.models import DropReason

FORGOTTEN_AFTER = timedelta(days=30)

PRESCRIPTION_COLUMNS = (
    *("id", "patient_id", "doctor_id", "branch_id", "appointment_id", "note", "key", "created_at"),
)
LINE_COLUMNS = (
    *("id", "prescription_id", "position", "service_id", "sessions", "every_min_days"),
    *("every_max_days", "is_repeat_exam", "due_on", "status", "drop_reason", "drop_note"),
    *("handed_over_at", "closed_at"),
)
SESSION_COLUMNS = ("line_id", "appointment_id")


def prescription_rows(diary: Diary) -> Iterator[Row]:
    for course in diary.courses:
        yield (
            *(course.id, course.patient_id, course.doctor_id, diary.branch_id),
            *(course.appointment_id, "", f"demo-{course.id}", course.at),
        )


LINES_PER_COURSE = 4
"""A line's id follows from its course's: `course × 4 + position`."""


def line_rows(diary: Diary, dice: random.Random) -> Iterator[Row]:
    for course in diary.courses:
        due_on = course.at.date()
        for position, line in enumerate(course.lines, start=1):
            due_on += timedelta(days=line.every[1] * line.sessions)
            status, reason, closed_at = _state(line, course, diary, dice)
            handed_over_at = None
            if line.booked or (status != "PRESCRIBED" and not line.is_repeat_exam):
                handed_over_at = min(course.at + timedelta(minutes=20), diary.now)
            yield (
                *(course.id * LINES_PER_COURSE + position, course.id, position),
                *(diary.services[line.offer], line.sessions, *line.every, line.is_repeat_exam),
                *(due_on, status, reason, "", handed_over_at, closed_at),
            )


def session_rows(diary: Diary) -> Iterator[Row]:
    for course in diary.courses:
        for position, line in enumerate(course.lines, start=1):
            for appointment_id in line.booked:
                yield course.id * LINES_PER_COURSE + position, appointment_id


def _state(
    line: Line, course: Course, diary: Diary, dice: random.Random
) -> tuple[str, str, datetime | None]:
    """A line that nobody booked for a month is dropped: the patient did not answer."""
    if line.attended == line.sessions:
        return "FINISHED", "", diary.ends_at(line.booked[-1])
    if course.dropped_at is not None:
        return "DROPPED", dice.choice(DropReason.values), course.dropped_at
    last_at = diary.ends_at(line.booked[-1]) if line.booked else course.at
    is_waiting = line.is_repeat_exam and not all(
        other.attended == other.sessions for other in course.lines if other is not line
    )
    if last_at < diary.now - (3 if is_waiting else 1) * FORGOTTEN_AFTER:
        return "DROPPED", DropReason.NO_ANSWER.value, last_at + FORGOTTEN_AFTER
    if line.attended:
        return "ATTENDED", "", None
    if line.booked:
        return "BOOKED", "", None
    if line.is_repeat_exam or course.at > diary.now - timedelta(hours=1):
        return "PRESCRIBED", "", None
    return "HANDED_OVER", "", None
