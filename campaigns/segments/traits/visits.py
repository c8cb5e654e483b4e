"""How the patient comes, and for what. Counts and dates are those of `PatientTotals`."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appointments.models import (
    UPCOMING,
    Appointment,
    AppointmentStatus,
    CancelReason,
    VisitLine,
)
from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Rows, Topic, Trait
from campaigns.segments.traits.kinds import (
    ActivityTrait,
    AgeTrait,
    DateTrait,
    FlagTrait,
    NumberTrait,
)
from campaigns.segments.traits.options import Catalogue, Codes
from campaigns.segments.traits.sql import in_totals, total
from campaigns.segments.values import MOST_DAYS, Interval
from clinic.models import Branch, Employee, Service, ServiceKind

MOST_VISITS = 10_000


def visited_days_ago(asked: Interval[Any], moment: Moment) -> Q:
    """Calendar days from the last visit to today."""
    found = Q(totals__last_visit_at__isnull=False)
    if asked.low is not None:
        next_day = moment.days_ago(asked.low) + timedelta(days=1)
        found &= Q(totals__last_visit_at__lt=moment.start_of(next_day))
    if asked.high is not None:
        first_day = moment.days_ago(asked.high)
        found &= Q(totals__last_visit_at__gte=moment.start_of(first_day))
    return found


def count_days(day: date, moment: Moment) -> int:
    return (moment.today - day).days


def is_booked_ahead(moment: Moment) -> Q:
    """Asked of the schedule itself: `PatientTotals.next_at` is only as fresh as its last change."""
    ahead = Appointment.objects.filter(
        patient=OuterRef("pk"), status__in=UPCOMING, starts_at__gte=moment.now
    )
    return Q(Exists(ahead))


def rendered_services() -> Rows:
    return VisitLine.objects.filter(visit__appointment__status=AppointmentStatus.DONE)


def visits() -> Rows:
    return Appointment.objects.filter(status=AppointmentStatus.DONE)


def cancellations() -> Rows:
    return Appointment.objects.filter(status=AppointmentStatus.CANCELLED)


VISITS: tuple[Trait, ...] = (
    NumberTrait(
        code="visits",
        topic=Topic.VISITS,
        label=_("Visits"),
        most=MOST_VISITS,
        within=in_totals("visits"),
        number=total("visits"),
    ),
    DateTrait(
        code="first_visit",
        topic=Topic.VISITS,
        label=_("First visit"),
        column="totals__first_visit_at",
        never_label=_("has not been yet"),
    ),
    DateTrait(
        code="last_visit",
        topic=Topic.VISITS,
        label=_("Last visit"),
        column="totals__last_visit_at",
        never_label=_("has not been yet"),
    ),
    AgeTrait(
        code="days_since_visit",
        topic=Topic.VISITS,
        label=_("Days since the last visit"),
        most=MOST_DAYS,
        within=visited_days_ago,
        number=lambda moment: F("totals__last_visit_at"),
        count=count_days,
        unknown=lambda moment: Q(totals__last_visit_at__isnull=True),
        unknown_label=_("has not been yet"),
    ),
    FlagTrait(
        code="booked",
        topic=Topic.VISITS,
        label=_("Has a visit booked"),
        hint=_("At any branch, later than now."),
        holds=is_booked_ahead,
    ),
    NumberTrait(
        code="no_shows",
        topic=Topic.VISITS,
        label=_("No-shows"),
        most=MOST_VISITS,
        within=in_totals("no_shows"),
        number=total("no_shows"),
    ),
    NumberTrait(
        code="cancellations",
        topic=Topic.VISITS,
        label=_("Cancellations"),
        most=MOST_VISITS,
        within=in_totals("cancellations"),
        number=total("cancellations"),
    ),
    ActivityTrait(
        code="cancel_reason",
        topic=Topic.VISITS,
        label=_("Reason of a cancellation"),
        hint=_("Days count from the day the visit was booked for."),
        rows=cancellations,
        patient="patient",
        of="cancel_reason",
        at="starts_at",
        choices=Codes.of(CancelReason),
        did_label=_("was “…”"),
        did_not_label=_("was not “…”"),
    ),
)

SERVICES: tuple[Trait, ...] = (
    ActivityTrait(
        code="service",
        topic=Topic.SERVICES,
        label=_("Service"),
        hint=_("What was rendered at a visit, not what was only booked."),
        rows=rendered_services,
        patient="visit__appointment__patient",
        of="service",
        at="visit__appointment__starts_at",
        choices=Catalogue(lambda: Service.objects.order_by("kind", "name")),
        did_label=pgettext_lazy("segment", "had"),
        did_not_label=pgettext_lazy("segment", "did not have"),
    ),
    ActivityTrait(
        code="service_kind",
        topic=Topic.SERVICES,
        label=_("Kind of service"),
        rows=rendered_services,
        patient="visit__appointment__patient",
        of="service__kind",
        at="visit__appointment__starts_at",
        choices=Codes.of(ServiceKind),
        did_label=pgettext_lazy("segment", "had"),
        did_not_label=pgettext_lazy("segment", "did not have"),
    ),
    ActivityTrait(
        code="doctor",
        topic=Topic.SERVICES,
        label=_("Doctor"),
        rows=visits,
        patient="patient",
        of="employee",
        at="starts_at",
        choices=Catalogue(
            lambda: (
                Employee.objects.filter(services__isnull=False)
                .distinct()
                .order_by("last_name", "first_name")
            )
        ),
        did_label=pgettext_lazy("segment", "visited"),
        did_not_label=pgettext_lazy("segment", "did not visit"),
    ),
    ActivityTrait(
        code="visited_branch",
        topic=Topic.SERVICES,
        label=_("Branch of the visit"),
        rows=visits,
        patient="patient",
        of="branch",
        at="starts_at",
        choices=Catalogue(lambda: Branch.objects.order_by("name")),
        did_label=_("was at"),
        did_not_label=_("was not at"),
    ),
)
