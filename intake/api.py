from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.queries import access_appointment
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.models import Branch, Service
from intake.actions import (
    RequestOrder,
    book_request,
    lose_request,
    receive_request,
    take_request,
)
from intake.models import LossReason, Request, RequestKind
from intake.queries import STATES, RequestFilter, access_request, list_requests
from patients.models import Patient, Source

LONGEST_UTM = 200
MOST_UTM = 20


class RequestOut(serializers.ModelSerializer[Request]):
    """A request as it stands. Times are UTC."""

    class Meta:
        model = Request
        fields = (
            *("id", "kind", "status", "name", "phone", "patient", "branch", "source", "service"),
            *("comment", "utm", "appointment", "loss_reason", "created_at", "answered_at"),
            "closed_at",
        )
        read_only_fields = fields


class RequestIn(serializers.Serializer[Any]):
    """A form of the public site, or a call that a telephony reports.

    `source_code` names a source; one that nobody knows is kept among the marks of `utm`.
    """

    kind = serializers.ChoiceField(choices=RequestKind.choices, default=RequestKind.FORM)
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    phone = serializers.CharField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text=_("as people write it"),
    )
    patient = serializers.PrimaryKeyRelatedField(
        queryset=Patient.objects.all(), required=False, default=None, allow_null=True
    )
    branch = serializers.PrimaryKeyRelatedField(
        queryset=Branch.objects.filter(is_active=True),
        required=False,
        default=None,
        allow_null=True,
    )
    service = serializers.PrimaryKeyRelatedField(
        queryset=Service.objects.filter(is_active=True),
        required=False,
        default=None,
        allow_null=True,
    )
    source_code = serializers.CharField(max_length=50, required=False, default="", allow_blank=True)
    comment = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
    utm = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_UTM, allow_blank=True),
        required=False,
        default=dict,
    )

    def validate_utm(self, value: dict[str, str]) -> dict[str, str]:
        if len(value) > MOST_UTM:
            raise serializers.ValidationError(_("At most 20 marks."))
        return value

    def order(self, key: str) -> RequestOrder:
        told = self.validated_data
        source = (
            Source.objects.filter(code=told["source_code"]).first() if told["source_code"] else None
        )
        is_unknown = told["source_code"] and source is None
        return RequestOrder(
            key=key,
            kind=told["kind"],
            phone=told["phone"],
            name=told["name"],
            patient_id=told["patient"].pk if told["patient"] else None,
            branch_id=told["branch"].pk if told["branch"] else None,
            source_id=source.pk if source else None,
            service_id=told["service"].pk if told["service"] else None,
            comment=told["comment"],
            utm=told["utm"] | ({"source_code": told["source_code"]} if is_unknown else {}),
        )


class LossIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=LossReason.choices)
    comment = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class BookingIn(serializers.Serializer[Any]):
    appointment = serializers.IntegerField(min_value=1, help_text=_("a booked appointment"))


class FilterIn(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=list(STATES), default="open")
    branch = serializers.IntegerField(min_value=1, default=None, allow_null=True)


class RequestList(generics.GenericAPIView[Request]):
    serializer_class = RequestOut

    def get_queryset(self) -> QuerySet[Request]:
        return Request.objects.none()

    @extend_schema(
        operation_id="requests_list",
        responses=RequestOut(many=True),
        parameters=[
            OpenApiParameter("state", enum=list(STATES), default="open"),
            OpenApiParameter("branch", int),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """Who has asked: `open` are those that are not booked and not lost yet."""
        asked = FilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = RequestFilter(
            state=asked.validated_data["state"], branch_id=asked.validated_data["branch"]
        )
        page = self.paginate_queryset(list_requests(wanted=wanted))
        return self.get_paginated_response(RequestOut(page, many=True).data)

    @extend_schema(
        operation_id="requests_create",
        request=RequestIn,
        responses={201: RequestOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest) -> Response:
        """Receive a request. It waits for an answer, whoever sends it."""
        told = RequestIn(data=request.data)
        told.is_valid(raise_exception=True)
        received = receive_request(
            order=told.order(read_key(request)), actor_id=None, now=timezone.now()
        )
        return Response(RequestOut(received).data, status=201)


class RequestDetail(APIView):
    @extend_schema(operation_id="requests_get", responses=RequestOut)
    def get(self, request: ApiRequest, request_id: int) -> Response:
        return Response(RequestOut(_find(request, request_id)).data)


class RequestTake(APIView):
    @extend_schema(operation_id="requests_take", request=None, responses=RequestOut)
    def post(self, request: ApiRequest, request_id: int) -> Response:
        """Somebody answers now; the caller is the one who does."""
        _find(request, request_id)
        taken = take_request(request_id=request_id, actor_id=request.user.pk, now=timezone.now())
        return Response(RequestOut(taken).data)


class RequestBook(APIView):
    @extend_schema(operation_id="requests_book", request=BookingIn, responses=RequestOut)
    def post(self, request: ApiRequest, request_id: int) -> Response:
        """The request led to this appointment."""
        _find(request, request_id)
        told = BookingIn(data=request.data)
        told.is_valid(raise_exception=True)
        appointment = access_appointment(
            actor=request.user, appointment_id=told.validated_data["appointment"]
        )
        booked = book_request(
            request_id=request_id,
            appointment_id=appointment.pk,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(RequestOut(booked).data)


class RequestLose(APIView):
    @extend_schema(operation_id="requests_lose", request=LossIn, responses=RequestOut)
    def post(self, request: ApiRequest, request_id: int) -> Response:
        """The person will not come, and why."""
        _find(request, request_id)
        told = LossIn(data=request.data)
        told.is_valid(raise_exception=True)
        lost = lose_request(
            request_id=request_id,
            reason=told.validated_data["reason"],
            comment=told.validated_data["comment"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(RequestOut(lost).data)


def _find(request: ApiRequest, request_id: int) -> Request:
    return access_request(actor=request.user, request_id=request_id)
