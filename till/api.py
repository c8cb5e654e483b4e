"""The till report and the counts of the drawer for programs."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.models import Payment, PaymentMethod
from clinic.http import ApiRequest
from clinic.models import Branch
from patients.doors import note_listed
from till.actions import close_till, open_till
from till.models import TillShift
from till.queries import (
    IN,
    KINDS,
    OUT,
    TillFilter,
    access_shift,
    count_expected,
    describe_rows,
    list_rows,
    read_till,
)


class TillSum(serializers.DecimalField):
    """Roubles with kopecks, as a string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, **kwargs)


class TillIn(serializers.Serializer[Any]):
    """Days from `since` up to before `until`, on the clock of each branch; all unless one."""

    since = serializers.DateField()
    until = serializers.DateField()
    branch = serializers.PrimaryKeyRelatedField(
        queryset=Branch.objects.all(), default=None, allow_null=True
    )
    actor = serializers.IntegerField(min_value=0, default=None, allow_null=True)

    def read(self) -> TillFilter:
        told = self.validated_data
        return TillFilter(
            since=told["since"],
            until=told["until"],
            branches=[told["branch"]] if told["branch"] else list(Branch.objects.all()),
            actor_id=told["actor"],
            method=told.get("method", ""),
            kind=told.get("kind", ""),
            flow=told.get("flow", ""),
        )


class TillRowsIn(TillIn):
    """The same, narrowed to the rows behind one figure."""

    method = serializers.ChoiceField(choices=PaymentMethod.choices, default="")
    kind = serializers.ChoiceField(choices=KINDS, default="")
    flow = serializers.ChoiceField(choices=(IN, OUT), default="")


class FlowOut(serializers.Serializer[Any]):
    """`total` is `taken` less `returned`; the counts are of the rows behind them."""

    taken = TillSum()
    returned = TillSum()
    total = TillSum()
    takings = serializers.IntegerField()
    returns = serializers.IntegerField()


class WayOut(serializers.Serializer[Any]):
    """`kinds` are VISIT, BOOKING and PACKAGE: what the sums were for."""

    method = serializers.CharField()
    all = FlowOut()
    kinds = serializers.DictField(child=FlowOut())


class CashierOut(serializers.Serializer[Any]):
    """`id` is the user's, 0 where nobody is known."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    ways = serializers.DictField(child=FlowOut())
    all = FlowOut()


class TillOut(serializers.Serializer[Any]):
    """`money` sums `ways`; points are no money and stand apart."""

    ways = WayOut(many=True)
    money = WayOut()
    points = WayOut()
    cashiers = CashierOut(many=True)


class TillRowOut(serializers.Serializer[Any]):
    """A payment of a visit, or money ahead of visits; negative is a refund."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    method = serializers.CharField()
    amount = TillSum()
    reason = serializers.CharField()
    branch = serializers.IntegerField(source="branch.pk")
    patient = serializers.IntegerField(source="patient.pk")
    subject = serializers.IntegerField(
        allow_null=True, help_text="the appointment, for PACKAGE the package"
    )


class ShiftOut(serializers.ModelSerializer[TillShift]):
    """`expected` is what should lie there by the ledgers, in a closed shift at its closing."""

    expected = serializers.SerializerMethodField()

    class Meta:
        model = TillShift
        fields = (
            "id",
            "branch",
            "opened_at",
            "opening",
            "closed_at",
            "counted",
            "expected",
            "note",
        )
        read_only_fields = fields

    def get_expected(self, shift: TillShift) -> str:
        return str(count_expected(shift, now=self.context["now"]))


class ShiftIn(serializers.Serializer[Any]):
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.filter(is_active=True))
    opening = TillSum(min_value=0)


class ShiftCloseIn(serializers.Serializer[Any]):
    counted = TillSum(min_value=0)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class TillView(APIView):
    @extend_schema(operation_id="till_get", parameters=[TillIn], responses=TillOut)
    def get(self, request: ApiRequest) -> Response:
        """What came in and went back by way of paying, purpose and employee."""
        told = TillIn(data=request.query_params)
        told.is_valid(raise_exception=True)
        return Response(TillOut(read_till(wanted=told.read())).data)


class TillRows(generics.GenericAPIView[Payment]):
    queryset = Payment.objects.none()
    serializer_class = TillRowOut

    @extend_schema(
        operation_id="till_rows", parameters=[TillRowsIn], responses=TillRowOut(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        """The payments and refunds behind a figure, the newest first."""
        told = TillRowsIn(data=request.query_params)
        told.is_valid(raise_exception=True)
        with transaction.atomic():
            page = self.paginate_queryset(list_rows(wanted=told.read()))
            rows = describe_rows(page or ())
            patients = {row.patient.pk for row in rows}
            note_listed(request, patient_ids=patients, actor=request.user, now=timezone.now())
        return self.get_paginated_response(TillRowOut(rows, many=True).data)


class TillShifts(APIView):
    @extend_schema(operation_id="till_open", request=ShiftIn, responses={201: ShiftOut})
    def post(self, request: ApiRequest) -> Response:
        """Begin a shift. One is open at a branch at a time: refused with `till_is_open`."""
        told = ShiftIn(data=request.data)
        told.is_valid(raise_exception=True)
        now = timezone.now()
        shift = open_till(
            branch_id=told.validated_data["branch"].pk,
            opening=told.validated_data["opening"],
            actor_id=request.user.pk,
            now=now,
        )
        return Response(ShiftOut(shift, context={"now": now}).data, status=201)


class TillShiftClose(APIView):
    @extend_schema(operation_id="till_close", request=ShiftCloseIn, responses=ShiftOut)
    def post(self, request: ApiRequest, shift_id: int) -> Response:
        """End it with what was counted. The same count again changes nothing; `till_is_closed`."""
        access_shift(actor=request.user, shift_id=shift_id)
        told = ShiftCloseIn(data=request.data)
        told.is_valid(raise_exception=True)
        now = timezone.now()
        shift = close_till(
            shift_id=shift_id,
            counted=told.validated_data["counted"],
            note=told.validated_data["note"],
            actor_id=request.user.pk,
            now=now,
        )
        return Response(ShiftOut(shift, context={"now": now}).data)
