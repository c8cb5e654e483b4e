"""Courses for other systems: prescribed by the medical record, booked by the site."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.actions import BookingOrder
from appointments.api import AppointmentOut, MomentField
from appointments.models import Appointment
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.models import Branch, Employee, Service
from patients.models import Patient
from patients.queries import access_patient
from prescriptions.actions import (
    CourseOrder,
    LineOrder,
    book_session,
    drop_line,
    hand_over_line,
    prescribe_course,
)
from prescriptions.models import DropReason, LineStatus, Prescription, PrescriptionLine
from prescriptions.queries import (
    LineFilter,
    access_line,
    access_prescription,
    filter_lines,
    list_lines,
)

MOST_LINES = 12
STATES = ("open", "overdue", *LineStatus.values)


class CourseLineOut(serializers.ModelSerializer[PrescriptionLine]):
    """A line with its progress: sessions `attended`, `ahead` in the schedule, and `missing`.

    `book_by_at` is when the next missing session is late.
    """

    attended = serializers.IntegerField(read_only=True)
    ahead = serializers.IntegerField(read_only=True)
    missing = serializers.IntegerField(read_only=True)
    next_at = serializers.DateTimeField(read_only=True, allow_null=True)
    book_by_at = serializers.DateTimeField(read_only=True)
    patient = serializers.IntegerField(source="prescription.patient_id", read_only=True)

    class Meta:
        model = PrescriptionLine
        fields = (
            *("id", "prescription", "patient", "position", "service", "sessions"),
            *("every_min_days", "every_max_days", "is_repeat_exam", "due_on", "specialist"),
            *("status", "drop_reason", "drop_note", "attended", "ahead", "missing"),
            *("next_at", "book_by_at"),
        )
        read_only_fields = fields


class PrescriptionOut(serializers.ModelSerializer[Prescription]):
    class Meta:
        model = Prescription
        fields = ("id", "patient", "doctor", "branch", "appointment", "note", "created_at")
        read_only_fields = fields


class CourseOut(serializers.Serializer[Any]):
    prescription = PrescriptionOut()
    lines = CourseLineOut(many=True)


class CourseLineIn(serializers.Serializer[Any]):
    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.all())
    sessions = serializers.IntegerField(min_value=1, max_value=60, default=1)
    every_min_days = serializers.IntegerField(min_value=0, max_value=365, default=1)
    every_max_days = serializers.IntegerField(min_value=0, max_value=365, default=7)
    is_repeat_exam = serializers.BooleanField(default=False)
    specialist = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), default=None, allow_null=True
    )


class CourseIn(serializers.Serializer[Any]):
    patient = serializers.PrimaryKeyRelatedField(queryset=Patient.objects.all())
    doctor = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.all())
    appointment = serializers.PrimaryKeyRelatedField(
        queryset=Appointment.objects.all(), default=None, allow_null=True
    )
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    lines = CourseLineIn(many=True, allow_empty=False)

    def validate_lines(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_LINES:
            raise serializers.ValidationError(_("At most 12 lines."))
        return value

    def order(self, key: str) -> CourseOrder:
        told = self.validated_data
        lines = [
            LineOrder(
                service_id=line["service"].pk,
                sessions=line["sessions"],
                every_min_days=line["every_min_days"],
                every_max_days=line["every_max_days"],
                is_repeat_exam=line["is_repeat_exam"],
                specialist_id=line["specialist"].pk if line["specialist"] else None,
            )
            for line in told["lines"]
        ]
        return CourseOrder(
            patient_id=told["patient"].pk,
            doctor_id=told["doctor"].pk,
            branch_id=told["branch"].pk,
            appointment_id=told["appointment"].pk if told["appointment"] else None,
            note=told["note"],
            lines=lines,
            key=key,
        )


class SessionIn(serializers.Serializer[Any]):
    employee = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    branch = serializers.PrimaryKeyRelatedField(
        queryset=Branch.objects.all(),
        default=None,
        allow_null=True,
        help_text=_("where it was prescribed unless given"),
    )
    starts_at = MomentField()


class DropIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=DropReason.choices)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class HandOverIn(serializers.Serializer[Any]):
    specialist = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), default=None, allow_null=True
    )


class CourseFilterIn(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=STATES, default="", allow_blank=True)
    patient = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    branch = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    specialist = serializers.IntegerField(min_value=1, default=None, allow_null=True)


class CourseList(generics.GenericAPIView[PrescriptionLine]):
    serializer_class = CourseLineOut

    def get_queryset(self) -> QuerySet[PrescriptionLine]:
        return PrescriptionLine.objects.none()

    @extend_schema(
        operation_id="prescriptions_list",
        responses=CourseLineOut(many=True),
        parameters=[CourseFilterIn, OpenApiParameter("page", int)],
    )
    def get(self, request: ApiRequest) -> Response:
        """Lines of courses with their progress, the newest first."""
        asked = CourseFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        wanted = LineFilter(
            state=told["state"], branch_id=told["branch"], specialist_id=told["specialist"]
        )
        found = filter_lines(list_lines(actor=request.user), by=wanted, now=timezone.now())
        if told["patient"]:
            found = found.filter(prescription__patient=told["patient"])
        page = self.paginate_queryset(found.order_by("-id"))
        return self.get_paginated_response(CourseLineOut(page, many=True).data)

    @extend_schema(
        operation_id="prescriptions_create",
        request=CourseIn,
        responses={201: CourseOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest) -> Response:
        """Prescribe a course; each line becomes a task for reception. The same key is the same.

        Refused with `wrong_course`, `service_not_active`, `specialist_does_not_offer`,
        `wrong_appointment`, `key_reused`.
        """
        told = CourseIn(data=request.data)
        told.is_valid(raise_exception=True)
        order = told.order(read_key(request))
        access_patient(actor=request.user, patient_id=order.patient_id)
        prescription = prescribe_course(order=order, actor_id=request.user.pk, now=timezone.now())
        return Response(_tell(request, prescription), status=201)


class CourseDetail(APIView):
    @extend_schema(operation_id="prescriptions_get", responses=CourseOut)
    def get(self, request: ApiRequest, prescription_id: int) -> Response:
        found = access_prescription(actor=request.user, prescription_id=prescription_id)
        return Response(_tell(request, found))


class SessionBook(APIView):
    @extend_schema(
        operation_id="prescriptions_book_session",
        request=SessionIn,
        responses={201: AppointmentOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, line_id: int) -> Response:
        """Book one session of the line; the same key is the same session.

        Refused as booking is, and with `all_booked`, `line_closed`.
        """
        line = access_line(actor=request.user, line_id=line_id)
        told = SessionIn(data=request.data)
        told.is_valid(raise_exception=True)
        branch = told.validated_data["branch"]
        order = BookingOrder(
            patient_id=line.prescription.patient_id,
            service_id=line.service_id,
            employee_id=told.validated_data["employee"].pk,
            branch_id=branch.pk if branch else line.prescription.branch_id,
            starts_at=told.validated_data["starts_at"],
            key=read_key(request),
            waived=True,
        )
        booked = book_session(
            line_id=line_id, order=order, actor_id=request.user.pk, now=timezone.now()
        )
        return Response(AppointmentOut(booked).data, status=201)


class LineHandOver(APIView):
    @extend_schema(
        operation_id="prescriptions_hand_over", request=HandOverIn, responses=CourseLineOut
    )
    def post(self, request: ApiRequest, line_id: int) -> Response:
        """Somebody took the line; without a specialist, reception did. Repeating is harmless."""
        access_line(actor=request.user, line_id=line_id)
        told = HandOverIn(data=request.data)
        told.is_valid(raise_exception=True)
        specialist = told.validated_data["specialist"]
        hand_over_line(
            line_id=line_id,
            specialist_id=specialist.pk if specialist else None,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(CourseLineOut(access_line(actor=request.user, line_id=line_id)).data)


class LineDrop(APIView):
    @extend_schema(operation_id="prescriptions_drop", request=DropIn, responses=CourseLineOut)
    def post(self, request: ApiRequest, line_id: int) -> Response:
        """The patient will not go on: upcoming sessions are cancelled. Repeating is harmless."""
        access_line(actor=request.user, line_id=line_id)
        told = DropIn(data=request.data)
        told.is_valid(raise_exception=True)
        drop_line(
            line_id=line_id,
            reason=told.validated_data["reason"],
            note=told.validated_data["note"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(CourseLineOut(access_line(actor=request.user, line_id=line_id)).data)


def _tell(request: ApiRequest, prescription: Prescription) -> Any:
    lines = list_lines(actor=request.user).filter(prescription=prescription)
    course = {"prescription": prescription, "lines": lines.order_by("position")}
    return CourseOut(course).data
