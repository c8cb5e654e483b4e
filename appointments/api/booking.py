"""Appointments for other systems: the site, the phone robot, the medical record."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.actions import (
    BookingOrder,
    HoldOrder,
    book_appointment,
    cancel_appointment,
    confirm_appointment,
    hold_slot,
    mark_arrived,
    move_appointment,
    release_holds,
)
from appointments.api.slots import MomentField
from appointments.models import Appointment, AppointmentStatus, CancelReason, Hold
from appointments.queries import access_appointment, list_visible_appointments
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.models import Branch, Employee, Room, Service
from patients.models import Patient, Source
from patients.queries import access_patient


class AppointmentOut(serializers.ModelSerializer[Appointment]):
    """An appointment as it stands; `price` is roubles.

    `version` grows with every change; moving asks for the one that was seen. Those with one
    `bundle` are the services of one visit.
    """

    class Meta:
        model = Appointment
        fields = (
            *("id", "patient", "employee", "branch", "room", "device", "service", "source"),
            *("starts_at", "ends_at", "status", "price", "note", "cancel_reason", "wants_move"),
            *("version", "bundle", "created_at"),
        )
        read_only_fields = fields


class AppointmentIn(serializers.Serializer[Any]):
    patient = serializers.PrimaryKeyRelatedField(queryset=Patient.objects.all())
    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.all())
    employee = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.all())
    starts_at = MomentField()
    room = serializers.PrimaryKeyRelatedField(
        queryset=Room.objects.all(),
        required=False,
        default=None,
        allow_null=True,
        help_text=_("a free one is chosen unless given"),
    )
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    by_patient = serializers.BooleanField(
        default=True,
        help_text=_("false: reception books, and the rules of the service do not bind"),
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        source = serializers.PrimaryKeyRelatedField(
            queryset=Source.objects.all(), required=False, default=None, allow_null=True
        )
        return super().get_fields() | {"source": source}

    def order(self, key: str) -> BookingOrder:
        told = self.validated_data
        return BookingOrder(
            patient_id=told["patient"].pk,
            service_id=told["service"].pk,
            employee_id=told["employee"].pk,
            branch_id=told["branch"].pk,
            starts_at=told["starts_at"],
            room_id=told["room"].pk if told["room"] else None,
            source_id=told["source"].pk if told["source"] else None,
            note=told["note"],
            by_patient=told["by_patient"],
            waived=not told["by_patient"],
            key=key,
        )


class MoveIn(serializers.Serializer[Any]):
    starts_at = MomentField()
    employee = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), required=False, default=None, allow_null=True
    )
    version = serializers.IntegerField(min_value=1, help_text=_("the one that was seen"))
    by_patient = serializers.BooleanField(
        default=False, help_text=_("true: the patient asks, and the rules of the service bind")
    )


class CancelIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=CancelReason.choices)
    by_patient = serializers.BooleanField(
        default=False, help_text=_("true: the patient asks, and the rules of the service bind")
    )


class FilterIn(serializers.Serializer[Any]):
    branch = serializers.IntegerField(min_value=1, required=False)
    employee = serializers.IntegerField(min_value=1, required=False)
    patient = serializers.IntegerField(min_value=1, required=False)
    status = serializers.ChoiceField(choices=AppointmentStatus.choices, required=False)
    until = MomentField(required=False)

    LOOKUPS = {"from": "starts_at__gte", "until": "starts_at__lt"}

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"from": MomentField(required=False)}

    def narrow(self, found: QuerySet[Appointment]) -> QuerySet[Appointment]:
        return found.filter(
            **{self.LOOKUPS.get(name, name): value for name, value in self.validated_data.items()}
        )


class HoldIn(serializers.Serializer[Any]):
    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.all())
    employee = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.all())
    starts_at = MomentField()
    by_patient = serializers.BooleanField(default=True)

    def order(self, key: str) -> HoldOrder:
        told = self.validated_data
        return HoldOrder(
            owner=key,
            service_id=told["service"].pk,
            employee_id=told["employee"].pk,
            branch_id=told["branch"].pk,
            starts_at=told["starts_at"],
            by_patient=told["by_patient"],
        )


class HoldOut(serializers.ModelSerializer[Hold]):
    """A held time; after `expires_at` it is anybody's."""

    class Meta:
        model = Hold
        fields = ("employee", "branch", "service", "starts_at", "ends_at", "expires_at")
        read_only_fields = fields


class HoldList(APIView):
    @extend_schema(
        operation_id="holds_create",
        request=HoldIn,
        responses={201: HoldOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest) -> Response:
        """Hold a time for ten minutes; booking with the same key takes it.

        A key holds one time: another one lets the first go. Refused as booking is; a time that
        somebody else holds is `slot_held`.
        """
        told = HoldIn(data=request.data)
        told.is_valid(raise_exception=True)
        order = told.order(read_key(request))
        held = hold_slot(order=order, actor_id=request.user.pk, now=timezone.now())
        return Response(HoldOut(held).data, status=201)

    @extend_schema(
        operation_id="holds_delete",
        request=None,
        responses={204: None},
        parameters=[IDEMPOTENCY_KEY],
    )
    def delete(self, request: ApiRequest) -> Response:
        """Let go of what the key holds. Repeating it changes nothing."""
        release_holds([read_key(request)], now=timezone.now())
        return Response(status=204)


class AppointmentList(generics.GenericAPIView[Appointment]):
    serializer_class = AppointmentOut

    def get_queryset(self) -> QuerySet[Appointment]:
        return Appointment.objects.none()

    @extend_schema(
        operation_id="appointments_list",
        responses=AppointmentOut(many=True),
        parameters=[FilterIn, OpenApiParameter("page", int)],
    )
    def get(self, request: ApiRequest) -> Response:
        """Appointments in order of time; `from` and `until` bound their starts."""
        asked = FilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = asked.narrow(list_visible_appointments(actor=request.user))
        page = self.paginate_queryset(found.order_by("starts_at", "id"))
        return self.get_paginated_response(AppointmentOut(page, many=True).data)

    @extend_schema(
        operation_id="appointments_create",
        request=AppointmentIn,
        responses={201: AppointmentOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest) -> Response:
        """Book. The same key is the same booking however often it is sent.

        A time that cannot be had is 409 with a `code` (`slot_taken`, `patient_busy`, `no_room`,
        `outside_shift`, `employee_away`, `branch_closed`, `service_not_offered`; for a patient also
        `desk_only`, `too_soon`, `too_far`) and the nearest free times in `alternatives`, each with
        the `kind` in which it differs: `same_day`, `other_day`, `other_doctor`, `other_branch`. The
        past is `slot_in_past`, the key of another order `key_reused`.
        """
        told = AppointmentIn(data=request.data)
        told.is_valid(raise_exception=True)
        order = told.order(read_key(request))
        access_patient(actor=request.user, patient_id=order.patient_id)
        booked = book_appointment(order=order, actor_id=request.user.pk, now=timezone.now())
        return Response(AppointmentOut(booked).data, status=201)


class AppointmentDetail(APIView):
    @extend_schema(operation_id="appointments_get", responses=AppointmentOut)
    def get(self, request: ApiRequest, appointment_id: int) -> Response:
        found = access_appointment(actor=request.user, appointment_id=appointment_id)
        return Response(AppointmentOut(found).data)


class AppointmentMove(APIView):
    @extend_schema(operation_id="appointments_move", request=MoveIn, responses=AppointmentOut)
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """Give it another time or employee.

        Refused as booking is; with `stale_version` when it has changed since it was seen, with
        `cutoff_passed` when a patient is too late.
        """
        access_appointment(actor=request.user, appointment_id=appointment_id)
        told = MoveIn(data=request.data)
        told.is_valid(raise_exception=True)
        employee = told.validated_data["employee"]
        moved = move_appointment(
            appointment_id=appointment_id,
            starts_at=told.validated_data["starts_at"],
            employee_id=employee.pk if employee else None,
            version=told.validated_data["version"],
            by_patient=told.validated_data["by_patient"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(AppointmentOut(moved).data)


class AppointmentCancel(APIView):
    @extend_schema(operation_id="appointments_cancel", request=CancelIn, responses=AppointmentOut)
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """Give the time back. Repeating it changes nothing.

        A patient may be too late for it: `cutoff_passed`.
        """
        access_appointment(actor=request.user, appointment_id=appointment_id)
        told = CancelIn(data=request.data)
        told.is_valid(raise_exception=True)
        cancelled = cancel_appointment(
            appointment_id=appointment_id,
            reason=told.validated_data["reason"],
            by_patient=told.validated_data["by_patient"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(AppointmentOut(cancelled).data)


class AppointmentConfirm(APIView):
    @extend_schema(operation_id="appointments_confirm", request=None, responses=AppointmentOut)
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """The patient said that he will come. Repeating it changes nothing."""
        access_appointment(actor=request.user, appointment_id=appointment_id)
        confirmed = confirm_appointment(
            appointment_id=appointment_id,
            by_patient=False,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(AppointmentOut(confirmed).data)


class AppointmentArrive(APIView):
    @extend_schema(operation_id="appointments_arrive", request=None, responses=AppointmentOut)
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """The patient is here. Repeating it changes nothing."""
        access_appointment(actor=request.user, appointment_id=appointment_id)
        mark_arrived(appointment_id=appointment_id, actor_id=request.user.pk, now=timezone.now())
        arrived = access_appointment(actor=request.user, appointment_id=appointment_id)
        return Response(AppointmentOut(arrived).data)
