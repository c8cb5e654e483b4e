"""Points for other systems: the balance, the ledger, a correction by a manager."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from loyalty.actions import adjust_points
from loyalty.models import PointEntry
from loyalty.queries import get_balance, list_entries
from patients.queries import access_patient


class BalanceOut(serializers.Serializer[Any]):
    """1 point = 1 rouble. `expiring` points expire at `expires_at`; the rest later."""

    points = serializers.IntegerField()
    owed = serializers.IntegerField(help_text="points that the next ones pay off first")
    expiring = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    spent = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="roubles")
    tier = serializers.CharField(source="tier.name", default=None, allow_null=True)
    earn_percent = serializers.DecimalField(
        source="tier.earn_percent", max_digits=4, decimal_places=1, default=None, allow_null=True
    )
    next_tier = serializers.CharField(source="next_tier.name", default=None, allow_null=True)
    to_next_tier = serializers.DecimalField(
        max_digits=12, decimal_places=2, help_text="roubles; 0 on the highest tier"
    )


class PointEntryOut(serializers.ModelSerializer[PointEntry]):
    """A row of the ledger; `points` is signed. Times are UTC."""

    class Meta:
        model = PointEntry
        fields = ("id", "kind", "points", "source", "lot", "expires_at", "note", "at")
        read_only_fields = fields


class AdjustIn(serializers.Serializer[Any]):
    points = serializers.IntegerField(help_text="positive gives, negative takes")
    note = serializers.CharField(max_length=200)


class Points(APIView):
    @extend_schema(operation_id="points_get", responses=BalanceOut)
    def get(self, request: ApiRequest, patient_id: int) -> Response:
        """What stands on the patient's account now."""
        patient = access_patient(actor=request.user, patient_id=patient_id)
        return Response(BalanceOut(get_balance(patient_id=patient.pk)).data)


class PointEntries(generics.GenericAPIView[PointEntry]):
    serializer_class = PointEntryOut

    def get_queryset(self) -> QuerySet[PointEntry]:
        return PointEntry.objects.none()

    @extend_schema(operation_id="points_entries", responses=PointEntryOut(many=True))
    def get(self, request: ApiRequest, patient_id: int) -> Response:
        """The patient's ledger, newest first."""
        patient = access_patient(actor=request.user, patient_id=patient_id)
        page = self.paginate_queryset(list_entries(patient_id=patient.pk))
        return self.get_paginated_response(PointEntryOut(page, many=True).data)


class PointsAdjust(APIView):
    @extend_schema(
        operation_id="points_adjust",
        request=AdjustIn,
        responses=BalanceOut,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, patient_id: int) -> Response:
        """Give or take points by hand, with the reason."""
        patient = access_patient(actor=request.user, patient_id=patient_id)
        told = AdjustIn(data=request.data)
        told.is_valid(raise_exception=True)
        adjust_points(
            patient_id=patient.pk,
            points=told.validated_data["points"],
            note=told.validated_data["note"],
            key=read_key(request),
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(BalanceOut(get_balance(patient_id=patient.pk)).data)
