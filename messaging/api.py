from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.http import ApiRequest
from clinic.parsing import DateTimeField
from messaging.kinds import KINDS
from messaging.models import Message, MessageStatus, Purpose
from messaging.queries import (
    STATES,
    MessageFilter,
    access_message,
    describe_for,
    list_messages,
)
from patients.models import Channel


class MessageOut(serializers.Serializer[Any]):
    """A `MessageLine`: a message as the caller may see it. Times are UTC.

    `address` is masked for those who may not see contacts; the secret part of personal links
    and codes are shown as `…` to everybody. `reason` is a stable code, `why` says it in words.
    """

    id = serializers.IntegerField(source="message.pk")
    patient = serializers.IntegerField(
        source="message.patient_id",
        allow_null=True,
        help_text="null: a code to an address",
    )
    kind = serializers.CharField(source="message.kind", help_text="code of the template")
    purpose = serializers.ChoiceField(source="message.purpose", choices=Purpose.choices)
    channel = serializers.ChoiceField(source="message.channel", choices=Channel.choices)
    address = serializers.CharField()
    subject = serializers.CharField(source="message.subject")
    text = serializers.CharField()
    status = serializers.ChoiceField(source="message.status", choices=MessageStatus.choices)
    reason = serializers.CharField(source="message.reason")
    why = serializers.CharField()
    is_possible_duplicate = serializers.BooleanField(source="message.is_possible_duplicate")
    created_at = serializers.DateTimeField(source="message.created_at")
    send_at = serializers.DateTimeField(source="message.send_at")
    expires_at = serializers.DateTimeField(source="message.expires_at")
    sent_at = serializers.DateTimeField(source="message.sent_at", allow_null=True)


class MessageFilterIn(serializers.Serializer[Any]):
    patient = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    state = serializers.ChoiceField(choices=list(STATES), default="", allow_blank=True)
    kind = serializers.ChoiceField(choices=list(KINDS), default="", allow_blank=True)
    channel = serializers.ChoiceField(choices=Channel.choices, default="", allow_blank=True)
    purpose = serializers.ChoiceField(choices=Purpose.choices, default="", allow_blank=True)
    since = DateTimeField(default=None, allow_null=True)

    def wanted(self) -> MessageFilter:
        told = self.validated_data
        return MessageFilter(
            patient_id=told["patient"],
            state=told["state"],
            kind=told["kind"],
            channel=told["channel"],
            purpose=told["purpose"],
            since=told["since"],
        )


class MessageList(generics.GenericAPIView[Message]):
    serializer_class = MessageOut

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.none()

    @extend_schema(
        operation_id="messages_list",
        responses=MessageOut(many=True),
        parameters=[
            OpenApiParameter("patient", int),
            OpenApiParameter("state", enum=list(STATES)),
            OpenApiParameter("kind", enum=list(KINDS)),
            OpenApiParameter("channel", enum=Channel.values),
            OpenApiParameter("purpose", enum=Purpose.values),
            OpenApiParameter("since", str, description="written at or after, ISO 8601"),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """Messages, newest first: what was sent, what waits, and why the rest did not go."""
        asked = MessageFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        page = self.paginate_queryset(list_messages(wanted=asked.wanted())) or []
        lines = [describe_for(message, reader=request.user) for message in page]
        return self.get_paginated_response(MessageOut(lines, many=True).data)


class MessageDetail(APIView):
    @extend_schema(operation_id="messages_get", responses=MessageOut)
    def get(self, request: ApiRequest, message_id: int) -> Response:
        message = access_message(actor=request.user, message_id=message_id)
        return Response(MessageOut(describe_for(message, reader=request.user)).data)
