"""Hours for other systems: shifts, and absences that settle the bookings they leave alone."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response

from clinic.actions import TimeOffOrder, add_times_off
from clinic.http import ApiRequest
from clinic.models import Employee, Shift, TimeOff, TimeOffKind
from clinic.parsing import DateTimeField
from clinic.queries import HoursFilter, find_shifts, find_times_off
from desk.actions.schedule import (
    CALL,
    BookingsLeftOutside,
    Decision,
    WayGone,
    change_schedule,
)
from desk.queries.outside import Scope
from desk.queries.ways_out import Stranded, Way
from outbox.errors import Refused

MOST_DECISIONS = 500
EMPLOYEE = OpenApiParameter("employee", int, description="id of an employee")
BRANCH = OpenApiParameter("branch", int, description="id of a branch")
FROM = OpenApiParameter("from", str, description="ISO time with an offset: what ends after it")
UNTIL = OpenApiParameter("until", str, description="ISO time with an offset: what begins before it")


class PatientsBooked(Refused):
    """The refusal as other systems read it: `bookings` with what each could be offered."""

    code = BookingsLeftOutside.code
    message = BookingsLeftOutside.message


class WaysTaken(Refused):
    """The same, after a chosen time was taken by somebody else."""

    code = WayGone.code
    message = WayGone.message


class WorkingHoursOut(serializers.ModelSerializer[Shift]):
    """When an employee takes patients at a branch; half-open."""

    is_by_hand = serializers.SerializerMethodField(help_text=_("false: filled in from a rotation"))

    class Meta:
        model = Shift
        fields = ("id", "employee", "branch", "starts_at", "ends_at", "is_by_hand")
        read_only_fields = fields

    def get_is_by_hand(self, shift: Shift) -> bool:
        return shift.rotation_id is None


class AbsenceOut(serializers.ModelSerializer[TimeOff]):
    """When an employee is away; half-open."""

    class Meta:
        model = TimeOff
        fields = ("id", "employee", "kind", "starts_at", "ends_at", "note")
        read_only_fields = fields


class DecisionIn(serializers.Serializer[Any]):
    """What becomes of a booking: moved to `starts_at` with `employee`, or, without them, called."""

    appointment = serializers.IntegerField(min_value=1)
    employee = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    starts_at = DateTimeField(default=None, allow_null=True)


class AbsenceIn(serializers.Serializer[Any]):
    """`decisions` settle the bookings in this time; `call_others` has the rest called."""

    employee = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    kind = serializers.ChoiceField(choices=TimeOffKind.choices)
    starts_at = DateTimeField()
    ends_at = DateTimeField()
    note = serializers.CharField(max_length=200, default="", allow_blank=True)
    decisions = DecisionIn(many=True, default=list)
    call_others = serializers.BooleanField(
        default=False, help_text=_("a call task for each booking without a decision")
    )

    def validate_decisions(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_DECISIONS:
            raise serializers.ValidationError(_("At most 500 decisions."))
        return value

    def order(self) -> TimeOffOrder:
        told = self.validated_data
        return TimeOffOrder(
            employee_id=told["employee"].pk,
            kind=told["kind"],
            note=told["note"],
            periods=[(told["starts_at"], told["ends_at"])],
        )

    def read_decisions(self) -> dict[int, Decision]:
        return {
            row["appointment"]: Decision(employee_id=row["employee"], starts_at=row["starts_at"])
            if row["employee"] and row["starts_at"]
            else CALL
            for row in self.validated_data["decisions"]
        }


class AbsenceMade(serializers.Serializer[Any]):
    """`moved` bookings found another time or colleague, `calls` are tasks of reception."""

    absence = AbsenceOut()
    moved = serializers.IntegerField()
    calls = serializers.IntegerField()


class HoursIn(serializers.Serializer[Any]):
    employee = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    branch = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    until = DateTimeField(default=None, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "from": DateTimeField(default=None, allow_null=True)}

    def read(self) -> HoursFilter:
        told = self.validated_data
        return HoursFilter(
            employee_id=told["employee"],
            branch_id=told["branch"],
            from_at=told["from"],
            until_at=told["until"],
        )


class ShiftList(generics.GenericAPIView[Shift]):
    serializer_class = WorkingHoursOut

    def get_queryset(self) -> QuerySet[Shift]:
        return Shift.objects.none()

    @extend_schema(
        operation_id="shifts_list",
        responses=WorkingHoursOut(many=True),
        parameters=[EMPLOYEE, BRANCH, FROM, UNTIL],
    )
    def get(self, request: ApiRequest) -> Response:
        """The shifts by time, 50 on a page."""
        page = self.paginate_queryset(find_shifts(wanted=_read(request)))
        return self.get_paginated_response(WorkingHoursOut(page, many=True).data)


class AbsenceList(generics.GenericAPIView[TimeOff]):
    serializer_class = AbsenceOut

    def get_queryset(self) -> QuerySet[TimeOff]:
        return TimeOff.objects.none()

    @extend_schema(
        operation_id="absences_list",
        responses=AbsenceOut(many=True),
        parameters=[EMPLOYEE, FROM, UNTIL],
    )
    def get(self, request: ApiRequest) -> Response:
        """The absences by time, 50 on a page."""
        page = self.paginate_queryset(find_times_off(wanted=_read(request)))
        return self.get_paginated_response(AbsenceOut(page, many=True).data)

    @extend_schema(operation_id="absences_add", request=AbsenceIn, responses={201: AbsenceMade})
    def post(self, request: ApiRequest) -> Response:
        """Write an absence down and settle the bookings in it, all or nothing.

        Refused with `bookings_left_outside` while bookings have no decision (`bookings` lists them,
        each with free times of the doctor, `moves`, and of colleagues, `hands`), `way_gone` when a
        chosen time is taken, `time_off_overlaps`, `time_off_in_past`, `ends_before_start`. Sent
        again after it succeeded it is refused with `time_off_overlaps`: nobody is away twice.
        """
        told = AbsenceIn(data=request.data)
        told.is_valid(raise_exception=True)
        made: list[TimeOff] = []
        now = timezone.now()

        def change() -> object:
            order = told.order()
            made.extend(add_times_off(order=order, actor_id=request.user.pk, now=now))
            return made

        try:
            settled = change_schedule(
                scope=Scope(employee_ids=[told.validated_data["employee"].pk]),
                change=change,
                decisions=told.read_decisions(),
                call_others=told.validated_data["call_others"],
                actor_id=request.user.pk,
                now=now,
            )
        except WayGone as refusal:
            raise WaysTaken(bookings=_describe(refusal.stranded)) from None
        except BookingsLeftOutside as refusal:
            raise PatientsBooked(bookings=_describe(refusal.stranded)) from None
        answer = {"absence": made[-1], "moved": settled.moved, "calls": settled.calls}
        return Response(AbsenceMade(answer).data, status=201)


def _read(request: ApiRequest) -> HoursFilter:
    asked = HoursIn(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return asked.read()


def _describe(stranded: Sequence[Stranded]) -> list[dict[str, object]]:
    """The bookings as plain values, each with its ways out, best first."""
    return [
        {
            "appointment_id": one.booking.pk,
            "patient_id": one.booking.patient_id,
            "starts_at": one.booking.starts_at.isoformat(),
            "moves": [_describe_way(way) for way in one.moves],
            "hands": [_describe_way(way) for way in one.hands],
        }
        for one in stranded
    ]


def _describe_way(way: Way) -> dict[str, object]:
    return {
        "employee_id": way.employee_id,
        "employee": way.employee,
        "starts_at": way.starts_at.isoformat(),
    }
