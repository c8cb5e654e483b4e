"""The end of a visit for other systems: services rendered and payment in one request."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.actions import LineInput
from appointments.models import Payment, Visit, VisitLine
from appointments.queries import access_appointment
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.models import Service
from desk.actions.check_out import CheckedOut, CheckOutOrder, check_out
from packages.codes import read_code
from packages.queries import Cover

MOST_LINES = 50


class MoneyField(serializers.DecimalField):
    """Roubles with kopecks, as a string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, **kwargs)


class BillLineIn(serializers.Serializer[Any]):
    """A service rendered; the price is that of the price list unless given."""

    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.all())
    quantity = serializers.IntegerField(min_value=1, max_value=999, default=1)
    price = MoneyField(min_value=0, required=False)
    discount = MoneyField(min_value=0, default=Decimal(0))
    package = serializers.IntegerField(
        min_value=1, default=None, allow_null=True, help_text=_("which package pays the line")
    )


class CompleteIn(serializers.Serializer[Any]):
    """Without `lines` what was booked is billed. What is not paid stays a debt."""

    lines = BillLineIn(many=True, default=None, allow_null=True, allow_empty=False)
    card = MoneyField(min_value=0, default=Decimal(0))
    transfer = MoneyField(min_value=0, default=Decimal(0), help_text=_("to the clinic’s account"))
    cash = MoneyField(
        min_value=0, default=Decimal(0), help_text=_("what was handed over, change included")
    )
    points = serializers.IntegerField(min_value=0, default=0)
    code = serializers.CharField(
        max_length=20,
        default="",
        allow_blank=True,
        help_text=_("of a package that belongs to somebody else"),
    )

    def validate_lines(self, value: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        if value and len(value) > MOST_LINES:
            raise serializers.ValidationError(_("At most 50 lines."))
        return value

    def order(self, key: str) -> CheckOutOrder:
        told = self.validated_data
        lines = told["lines"] and [
            LineInput(
                service_id=line["service"].pk,
                quantity=line["quantity"],
                price=line.get("price", line["service"].price),
                discount=line["discount"],
            )
            for line in told["lines"]
        ]
        paying = {n: line["package"] for n, line in enumerate(told["lines"] or ())}
        return CheckOutOrder(
            lines=lines,
            cover=Cover(
                packages={n: package for n, package in paying.items() if package},
                code=read_code(told["code"]),
            ),
            key=key,
            card=told["card"],
            transfer=told["transfer"],
            cash=told["cash"],
            points=told["points"],
        )


class BillLineOut(serializers.ModelSerializer[VisitLine]):
    class Meta:
        model = VisitLine
        fields = ("service", "quantity", "price", "discount", "is_prepaid")
        read_only_fields = fields


class PaymentOut(serializers.ModelSerializer[Payment]):
    """Money in, or back (negative, with `refund_of` and `reason`)."""

    class Meta:
        model = Payment
        fields = ("id", "method", "amount", "refund_of", "reason", "at")
        read_only_fields = fields


class VisitOut(serializers.ModelSerializer[Visit]):
    """A finished visit: sums are roubles, `debt` is what is still owed."""

    debt = serializers.SerializerMethodField()
    lines = BillLineOut(many=True, read_only=True)
    payments = PaymentOut(many=True, read_only=True)

    class Meta:
        model = Visit
        fields = (
            *("id", "appointment", "arrived_at", "started_at", "finished_at", "total", "paid"),
            *("paid_points", "returned", "debt", "lines", "payments"),
        )
        read_only_fields = fields

    def get_debt(self, visit: Visit) -> Decimal:
        return visit.total - visit.paid


class CheckedOutOut(serializers.Serializer[CheckedOut]):
    visit = VisitOut()
    change = MoneyField(help_text=_("goes back to the patient out of the cash"))


class AppointmentComplete(APIView):
    @extend_schema(
        operation_id="appointments_complete",
        request=CompleteIn,
        responses=CheckedOutOut,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """Finish the visit, write its bill and take the payment, all or nothing.

        The same key takes the money once. Refused with `payment_too_large`,
        `not_enough_points`, `too_many_points`, `bill_below_paid`, `status_not_allowed`,
        `not_today`, `key_reused`, and by packages with `no_sessions_left`,
        `service_not_covered`, `package_of_another`, `package_frozen`, `package_over`,
        `package_settled`.
        """
        access_appointment(actor=request.user, appointment_id=appointment_id)
        told = CompleteIn(data=request.data)
        told.is_valid(raise_exception=True)
        done = check_out(
            appointment_id=appointment_id,
            order=told.order(read_key(request)),
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(CheckedOutOut(done).data)
