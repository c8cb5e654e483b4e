"""The waiting list for other systems: who waits, and offers with their clocks."""

from datetime import time
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.models import Appointment
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.models import Branch, Employee, Service
from patients.doors import note_listed
from patients.queries import access_patient
from waitlist.actions import (
    WaitOrder,
    WaitTerms,
    accept_offer,
    decline_offer,
    join_waitlist,
    resume_entry,
    withdraw_entry,
)
from waitlist.models import EndReason, Entry, EntryStatus, Offer, Origin
from waitlist.queries import (
    OFFERED,
    EntryFilter,
    access_entry,
    access_offer,
    filter_entries,
    list_entries,
    list_pending_offers,
)


class WaitlistEntryOut(serializers.ModelSerializer[Entry]):
    """Empty fields mean any. Weekdays are ISO, clock times those of the branch, moments UTC."""

    class Meta:
        model = Entry
        fields = (
            *("id", "patient", "service", "employee", "position", "branches", "earlier_than"),
            *("weekdays", "from_clock", "until_clock", "from_on", "until_on", "note", "origin"),
            *("status", "end_reason", "appointment", "created_at", "ended_at"),
        )
        read_only_fields = fields


class WaitlistEntryIn(serializers.Serializer[Any]):
    """Who waits for what; see the answer for what the fields mean."""

    patient = serializers.IntegerField(min_value=1)
    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.filter(is_active=True))
    employee = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.filter(is_active=True), default=None, allow_null=True
    )
    position = serializers.CharField(max_length=100, default="", allow_blank=True)
    branches = serializers.PrimaryKeyRelatedField(
        queryset=Branch.objects.filter(is_active=True), many=True, default=list
    )
    earlier_than = serializers.PrimaryKeyRelatedField(
        queryset=Appointment.objects.all(), default=None, allow_null=True
    )
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), default=list, max_length=7
    )
    from_clock = serializers.TimeField(default=time.min)
    until_clock = serializers.TimeField(default=None, allow_null=True)
    from_on = serializers.DateField(default=None, allow_null=True)
    until_on = serializers.DateField()
    note = serializers.CharField(max_length=300, default="", allow_blank=True)

    def read(self, *, key: str) -> WaitOrder:
        told = self.validated_data
        employee, earlier = told["employee"], told["earlier_than"]
        return WaitOrder(
            patient_id=told["patient"],
            service_id=told["service"].pk,
            earlier_than_id=earlier.pk if earlier else None,
            origin=Origin.API,
            key=key,
            terms=WaitTerms(
                until_on=told["until_on"],
                employee_id=employee.pk if employee else None,
                position="" if employee else told["position"],
                branch_ids=[branch.pk for branch in told["branches"]],
                weekdays=told["weekdays"],
                from_clock=told["from_clock"],
                until_clock=told["until_clock"],
                from_on=told["from_on"],
                note=told["note"],
            ),
        )


class WaitlistFilterIn(serializers.Serializer[Any]):
    """`state` OFFERED: waits and has an offer to answer. None narrows nothing."""

    state = serializers.ChoiceField(
        choices=[*EntryStatus.values, OFFERED], default="", allow_blank=True
    )
    patient = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    service = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    branch = serializers.IntegerField(min_value=1, default=None, allow_null=True)


class WithdrawIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=EndReason.choices)


class WaitlistOfferOut(serializers.ModelSerializer[Offer]):
    """A freed time kept for whoever waits until `expires_at`; `points` say why it is his turn."""

    patient = serializers.IntegerField(source="entry.patient_id", read_only=True)
    service = serializers.IntegerField(source="entry.service_id", read_only=True)
    points = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Offer
        fields = (
            *("id", "entry", "patient", "service", "employee", "branch", "starts_at", "ends_at"),
            *("price", "points", "status", "offered_at", "expires_at", "answered_at"),
            *("by_patient", "appointment"),
        )
        read_only_fields = fields


class Entries(generics.GenericAPIView[Entry]):
    serializer_class = WaitlistEntryOut
    queryset = Entry.objects.none()

    @extend_schema(
        operation_id="waitlist_list",
        parameters=[WaitlistFilterIn],
        responses=WaitlistEntryOut(many=True),
    )
    def get(self, request: ApiRequest) -> Response:
        """Who waits, longest first; those off the list newest first."""
        told = WaitlistFilterIn(data=request.query_params)
        told.is_valid(raise_exception=True)
        asked = told.validated_data
        wanted = EntryFilter(
            state=asked["state"],
            patient_id=asked["patient"],
            service_id=asked["service"],
            branch_id=asked["branch"],
        )
        page = self.paginate_queryset(filter_entries(list_entries(), by=wanted)) or []
        ids = {entry.patient_id for entry in page}
        note_listed(request, patient_ids=ids, actor=request.user, now=timezone.now())
        return self.get_paginated_response(WaitlistEntryOut(page, many=True).data)

    @extend_schema(
        operation_id="waitlist_create",
        request=WaitlistEntryIn,
        responses={201: WaitlistEntryOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest) -> Response:
        """Put a patient on the list. The same key is the same entry.

        Refused with `already_waiting`, `term_over`, `wrong_times`, `wrong_visit`, `not_upcoming`,
        `service_not_offered`.
        """
        told = WaitlistEntryIn(data=request.data)
        told.is_valid(raise_exception=True)
        order = told.read(key=read_key(request))
        access_patient(actor=request.user, patient_id=order.patient_id)
        entry = join_waitlist(order=order, actor_id=request.user.pk, now=timezone.now())
        return _show(request, entry.pk, status=201)


class OneEntry(APIView):
    @extend_schema(operation_id="waitlist_get", responses=WaitlistEntryOut)
    def get(self, request: ApiRequest, entry_id: int) -> Response:
        """One entry of the list."""
        return _show(request, entry_id)


class EntryWithdraw(APIView):
    @extend_schema(operation_id="waitlist_withdraw", request=WithdrawIn, responses=WaitlistEntryOut)
    def post(self, request: ApiRequest, entry_id: int) -> Response:
        """Take the patient off the list. Twice is harmless. Refused with `not_on_list`."""
        access_entry(actor=request.user, entry_id=entry_id)
        told = WithdrawIn(data=request.data)
        told.is_valid(raise_exception=True)
        withdraw_entry(
            entry_id=entry_id,
            reason=told.validated_data["reason"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return _show(request, entry_id)


class EntryResume(APIView):
    @extend_schema(operation_id="waitlist_resume", request=None, responses=WaitlistEntryOut)
    def post(self, request: ApiRequest, entry_id: int) -> Response:
        """Let the patient wait on, at his old place. Refused with `term_over`, `already_waiting`,
        `not_upcoming`.
        """
        access_entry(actor=request.user, entry_id=entry_id)
        resume_entry(entry_id=entry_id, actor_id=request.user.pk, now=timezone.now())
        return _show(request, entry_id)


class Offers(generics.GenericAPIView[Offer]):
    serializer_class = WaitlistOfferOut
    queryset = Offer.objects.none()

    @extend_schema(operation_id="waitlist_offers", responses=WaitlistOfferOut(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Offers that wait for an answer, whose clock ends first before."""
        page = self.paginate_queryset(list_pending_offers()) or []
        ids = {offer.entry.patient_id for offer in page}
        note_listed(request, patient_ids=ids, actor=request.user, now=timezone.now())
        return self.get_paginated_response(WaitlistOfferOut(page, many=True).data)


class OfferAccept(APIView):
    @extend_schema(operation_id="waitlist_accept", request=None, responses=WaitlistOfferOut)
    def post(self, request: ApiRequest, offer_id: int) -> Response:
        """The patient said yes: book, or bring his visit forward. Twice is one booking.

        Refused with `offer_over`, `patient_busy`.
        """
        access_offer(actor=request.user, offer_id=offer_id)
        accept_offer(
            offer_id=offer_id, by_patient=False, actor_id=request.user.pk, now=timezone.now()
        )
        return Response(WaitlistOfferOut(access_offer(actor=request.user, offer_id=offer_id)).data)


class OfferDecline(APIView):
    @extend_schema(operation_id="waitlist_decline", request=None, responses=WaitlistOfferOut)
    def post(self, request: ApiRequest, offer_id: int) -> Response:
        """The patient said no: the time goes to the next. Refused with `offer_over`."""
        access_offer(actor=request.user, offer_id=offer_id)
        decline_offer(
            offer_id=offer_id, by_patient=False, actor_id=request.user.pk, now=timezone.now()
        )
        return Response(WaitlistOfferOut(access_offer(actor=request.user, offer_id=offer_id)).data)


def _show(request: ApiRequest, entry_id: int, *, status: int = 200) -> Response:
    entry = access_entry(actor=request.user, entry_id=entry_id)
    return Response(WaitlistEntryOut(entry).data, status=status)
