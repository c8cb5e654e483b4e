"""Several services in one visit, for other systems."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.actions import BookingOrder, book_bundle, cancel_bundle, move_bundle
from appointments.api.booking import AppointmentOut, CancelIn
from appointments.api.slots import LONGEST_SEARCH, MomentField, SlotOut
from appointments.queries import (
    MOST_SERVICES,
    BundleQuery,
    Step,
    access_appointment,
    list_bundle,
    list_free_bundles,
)
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.models import Branch, Employee, Service
from patients.models import Patient
from patients.queries import access_patient


class StepIn(serializers.Serializer[Any]):
    """One service of the visit; `employee` null: anybody."""

    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.all())
    employee = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), required=False, default=None, allow_null=True
    )


class BundleSearchIn(serializers.Serializer[Any]):
    """The services in their order. `from` is now and `until` a week later unless given."""

    steps = serializers.ListField(child=StepIn(), min_length=2, max_length=MOST_SERVICES)
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.all())
    patient = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    until = MomentField(default=None, allow_null=True)
    by_patient = serializers.BooleanField(default=True)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"from": MomentField(default=None, allow_null=True)}


class TakenStepIn(serializers.Serializer[Any]):
    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.all())
    employee = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    starts_at = MomentField()


class BundleIn(serializers.Serializer[Any]):
    patient = serializers.PrimaryKeyRelatedField(queryset=Patient.objects.all())
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.all())
    steps = serializers.ListField(child=TakenStepIn(), min_length=2, max_length=MOST_SERVICES)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    by_patient = serializers.BooleanField(default=True)

    def orders(self, key: str) -> list[BookingOrder]:
        """One order for each step, each with a key of its own."""
        told = self.validated_data
        return [
            BookingOrder(
                patient_id=told["patient"].pk,
                branch_id=told["branch"].pk,
                service_id=step["service"].pk,
                employee_id=step["employee"].pk,
                starts_at=step["starts_at"],
                note=told["note"],
                by_patient=told["by_patient"],
                waived=not told["by_patient"],
                key=f"{key}:{number}",
            )
            for number, step in enumerate(told["steps"], start=1)
        ]


class BundleMoveIn(serializers.Serializer[Any]):
    starts_at = MomentField(help_text=_("of the appointment in the address"))
    version = serializers.IntegerField(min_value=1, help_text=_("the one that was seen"))
    by_patient = serializers.BooleanField(default=False)


class BundleSearch(APIView):
    @extend_schema(
        operation_id="visits_search",
        request=BundleSearchIn,
        responses=SlotOut(many=True),
    )
    def post(self, request: ApiRequest) -> Response:
        """When these services fit in a row: a list of visits, each a list of free times.

        The patient waits at most half an hour between two. Nothing is changed by asking.
        """
        told = BundleSearchIn(data=request.data)
        told.is_valid(raise_exception=True)
        asked, now = told.validated_data, timezone.now()
        from_at = asked["from"] or now
        until_at = asked["until"] or from_at + timedelta(days=7)
        query = BundleQuery(
            steps=tuple(
                Step(
                    service_id=step["service"].pk,
                    employee_id=step["employee"].pk if step["employee"] else None,
                )
                for step in asked["steps"]
            ),
            branch_id=asked["branch"].pk,
            patient_id=asked["patient"],
            from_at=from_at,
            until_at=min(until_at, from_at + LONGEST_SEARCH),
            by_patient=asked["by_patient"],
            limit=asked["limit"],
        )
        found = list_free_bundles(query=query, now=now)
        return Response([SlotOut(bundle, many=True).data for bundle in found])


class BundleList(APIView):
    @extend_schema(
        operation_id="visits_create",
        request=BundleIn,
        responses={201: AppointmentOut(many=True)},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest) -> Response:
        """Book all the services of a visit, or none. The same key is the same visit.

        Refused as booking is; `starts_at` says which time stands in the way.
        """
        told = BundleIn(data=request.data)
        told.is_valid(raise_exception=True)
        orders = told.orders(read_key(request))
        access_patient(actor=request.user, patient_id=orders[0].patient_id)
        booked = book_bundle(orders=orders, actor_id=request.user.pk, now=timezone.now())
        return Response(AppointmentOut(booked, many=True).data, status=201)


class BundleMove(APIView):
    @extend_schema(
        operation_id="visits_move", request=BundleMoveIn, responses=AppointmentOut(many=True)
    )
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """Move the whole visit of an appointment, by as much as that one goes, or nothing of it."""
        access_appointment(actor=request.user, appointment_id=appointment_id)
        told = BundleMoveIn(data=request.data)
        told.is_valid(raise_exception=True)
        moved = move_bundle(
            appointment_id=appointment_id,
            actor_id=request.user.pk,
            now=timezone.now(),
            **told.validated_data,
        )
        return Response(AppointmentOut(moved, many=True).data)


class BundleCancel(APIView):
    @extend_schema(
        operation_id="visits_cancel", request=CancelIn, responses=AppointmentOut(many=True)
    )
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """Give back what is still ahead of the visit of an appointment."""
        access_appointment(actor=request.user, appointment_id=appointment_id)
        told = CancelIn(data=request.data)
        told.is_valid(raise_exception=True)
        cancel_bundle(
            appointment_id=appointment_id,
            actor_id=request.user.pk,
            now=timezone.now(),
            **told.validated_data,
        )
        rows = list_bundle(appointment_id=appointment_id)
        return Response(AppointmentOut(rows, many=True).data)
