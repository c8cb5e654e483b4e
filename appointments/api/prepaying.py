"""Money ahead for a booking, for programs."""

from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.actions import (
    BookingPrepayment,
    Return,
    return_for_booking,
    take_for_booking,
)
from appointments.models import MONEY, PaymentMethod, Prepayment
from appointments.queries import access_appointment
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key


class PrepaymentOut(serializers.ModelSerializer[Prepayment]):
    """Money in, or back (negative). `is_moved`: it went into the bill, and nobody got it."""

    class Meta:
        model = Prepayment
        fields = (
            *("id", "appointment", "method", "amount", "refund_of", "is_moved", "reason", "at"),
        )
        read_only_fields = fields


class PrepaymentIn(serializers.Serializer[Any]):
    method = serializers.ChoiceField(choices=PaymentMethod.choices, help_text=_("not points"))
    amount = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=Decimal("0.01"))

    def validate_method(self, value: str) -> str:
        if value not in MONEY:
            raise serializers.ValidationError(_("Points do not pay ahead."))
        return value


class PrepaymentReturnIn(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=Decimal("0.01"))
    reason = serializers.CharField(max_length=200)


class AppointmentPrepayments(APIView):
    @extend_schema(operation_id="appointments_prepayments", responses=PrepaymentOut(many=True))
    def get(self, request: ApiRequest, appointment_id: int) -> Response:
        """What was paid ahead for the booking, given back, and taken by its bill."""
        access_appointment(actor=request.user, appointment_id=appointment_id)
        rows = Prepayment.objects.filter(appointment=appointment_id).order_by("pk")
        return Response(PrepaymentOut(rows, many=True).data)

    @extend_schema(
        operation_id="appointments_prepay",
        request=PrepaymentIn,
        responses={201: PrepaymentOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """Take money ahead. Refused with `not_upcoming`, `payment_too_large`, `key_reused`."""
        access_appointment(actor=request.user, appointment_id=appointment_id)
        told = PrepaymentIn(data=request.data)
        told.is_valid(raise_exception=True)
        order = BookingPrepayment(
            appointment_id=appointment_id, key=read_key(request), **told.validated_data
        )
        taken = take_for_booking(order=order, actor_id=request.user.pk, now=timezone.now())
        return Response(PrepaymentOut(taken).data, status=201)


class PrepaymentReturn(APIView):
    @extend_schema(
        operation_id="prepayments_return",
        request=PrepaymentReturnIn,
        responses={201: PrepaymentOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, prepayment_id: int) -> Response:
        """Give it back by the rule. Refused with `prepayment_kept`, `refund_too_large`."""
        rows = Prepayment.objects.filter(appointment__isnull=False, refund_of__isnull=True)
        found = rows.filter(pk=prepayment_id).first()
        if found is None:
            raise Http404
        access_appointment(actor=request.user, appointment_id=found.appointment_id or 0)
        told = PrepaymentReturnIn(data=request.data)
        told.is_valid(raise_exception=True)
        order = Return(prepayment_id=prepayment_id, key=read_key(request), **told.validated_data)
        back = return_for_booking(order=order, actor_id=request.user.pk, now=timezone.now())
        return Response(PrepaymentOut(back).data, status=201)
