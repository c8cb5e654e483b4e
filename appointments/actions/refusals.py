"""Every way in which a time cannot be had."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from appointments.queries import Misfit
from outbox.errors import Refused


class NotFree(Refused):
    """The interval cannot be had. `alternatives` in the details are the nearest that can."""

    code = "not_free"


class Obstacle(NotFree):
    """Somebody or something is not free; `misfit` is what the queries call it."""

    misfit: ClassVar[Misfit]


class SlotTaken(Obstacle):
    code = "slot_taken"
    message = _("This time has just been taken. Choose another one.")
    misfit = Misfit.EMPLOYEE_BUSY


class SlotHeld(Obstacle):
    code = "slot_held"
    message = _("Somebody is booking this time right now. Choose another one or wait ten minutes.")
    misfit = Misfit.HELD


class PatientBusy(Obstacle):
    code = "patient_busy"
    message = _("The patient already has an appointment at this time. Choose another one.")
    misfit = Misfit.PATIENT_BUSY


class NoRoom(Obstacle):
    code = "no_room"
    message = _("No room or device for this service is free at this time. Choose another one.")
    misfit = Misfit.NO_ROOM


class OutsideShift(Obstacle):
    code = "outside_shift"
    message = _("The doctor does not see patients here at this time. Choose another one.")
    misfit = Misfit.OUTSIDE_SHIFT


class EmployeeAway(Obstacle):
    code = "employee_away"
    message = _("The doctor is away or has a break at this time. Choose another one.")
    misfit = Misfit.EMPLOYEE_AWAY


class BranchClosed(Obstacle):
    code = "branch_closed"
    message = _("The clinic is closed at this time. Choose another one.")
    misfit = Misfit.BRANCH_CLOSED


class ServiceNotOffered(Obstacle):
    code = "service_not_offered"
    message = _("This doctor does not offer this service. Choose another doctor or service.")
    misfit = Misfit.NOT_OFFERED


class RuleBroken(NotFree):
    """The time is free, but the service is not booked so. Reception may waive it knowingly."""


class TooSoon(RuleBroken):
    code = "too_soon"
    message = _("This service is booked earlier. Choose a later time.")


class TooFar(RuleBroken):
    code = "too_far"
    message = _("This service is not booked so far ahead. Choose an earlier time.")


class DeskOnly(RuleBroken):
    code = "desk_only"
    message = _("This service is booked by the clinic only. Please call us.")


class SlotInPast(Refused):
    code = "slot_in_past"
    message = _("This time has already passed. Choose a later one.")


class KeyReused(Refused):
    code = "key_reused"
    message = _("This request was already used for another booking. Start a new one.")


@contextmanager
def told_as_taken() -> Iterator[None]:
    """Tell what the database refuses as occupied as `SlotTaken`."""
    try:
        yield
    except IntegrityError as error:
        if "appointment_one_per" not in str(error):
            raise
        raise SlotTaken from None


REFUSALS = {refusal.misfit: refusal for refusal in Obstacle.__subclasses__()}
