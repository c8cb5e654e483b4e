from appointments.models.booking import (
    ALLOWED_MOVES,
    LIVE,
    SUBJECT_KIND,
    UPCOMING,
    Appointment,
    AppointmentStatus,
    CancelReason,
    Hold,
)
from appointments.models.news import CalendarFeed, News, NewsKind
from appointments.models.visits import (
    MONEY,
    PatientTotals,
    Payment,
    PaymentMethod,
    Prepayment,
    Visit,
    VisitLine,
)

__all__ = [
    "ALLOWED_MOVES",
    "LIVE",
    "MONEY",
    "SUBJECT_KIND",
    "UPCOMING",
    "Appointment",
    "AppointmentStatus",
    "CalendarFeed",
    "CancelReason",
    "Hold",
    "News",
    "NewsKind",
    "PatientTotals",
    "Payment",
    "PaymentMethod",
    "Prepayment",
    "Visit",
    "VisitLine",
]
