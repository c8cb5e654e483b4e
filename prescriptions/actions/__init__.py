"""Courses: prescribed, handed over, booked, followed. `lines` has the state machine."""

from prescriptions.actions.lines import (
    SUBJECT_KIND,
    LineClosed,
    SpecialistDoesNotOffer,
    drop_line,
    follow_session,
    hand_over_by_task,
    hand_over_line,
    reopen_line,
)
from prescriptions.actions.prescribing import (
    CourseKeyReused,
    CourseOrder,
    LineOrder,
    NoLines,
    ServiceNotActive,
    WrongAppointment,
    WrongCourse,
    prescribe_course,
)
from prescriptions.actions.sessions import (
    AllBooked,
    WrongSession,
    adopt_appointment,
    book_session,
    book_sessions,
)

__all__ = [
    "SUBJECT_KIND",
    "AllBooked",
    "CourseKeyReused",
    "CourseOrder",
    "LineClosed",
    "LineOrder",
    "NoLines",
    "ServiceNotActive",
    "SpecialistDoesNotOffer",
    "WrongAppointment",
    "WrongCourse",
    "WrongSession",
    "adopt_appointment",
    "book_session",
    "book_sessions",
    "drop_line",
    "follow_session",
    "hand_over_by_task",
    "hand_over_line",
    "prescribe_course",
    "reopen_line",
]
