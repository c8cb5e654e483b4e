"""Segments for programs: read, made, changed, counted; their people page by page."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.actions.segments import (
    LONGEST_NAME,
    SegmentDraft,
    archive_segment,
    change_segment,
    create_segment,
    restore_segment,
)
from campaigns.models import Segment
from campaigns.queries.segments import (
    access_segment,
    count_conditions,
    count_segment,
    explain_member,
    list_members,
    list_segments,
    read_members,
)
from campaigns.segments.catalogue import list_catalogue
from campaigns.segments.patience import patience
from clinic.http import ApiRequest, address_of
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.parsing import DateTimeField
from clinic.permissions import name_of_address
from patients.actions import record_accesses
from patients.models import AccessAction, Patient
from patients.queries import access_patient


class SegmentOut(serializers.ModelSerializer[Segment]):
    """A segment. `members` of `base` patients is its size as of `counted_at`. Times are UTC."""

    class Meta:
        model = Segment
        fields = (
            *("id", "name", "rule", "members", "base", "counted_at", "author", "created_at"),
            *("updated_at", "archived_at"),
        )
        read_only_fields = fields


class RuleIn(serializers.Serializer[Any]):
    """A rule: `{"all": […]}`, `{"any": […]}`, `{"not": …}` over `{"trait", "op", "value"}`.

    `GET /segments/traits/` lists the traits, their operators and options.
    """

    rule = serializers.JSONField()


class SegmentIn(RuleIn):
    name = serializers.CharField(max_length=LONGEST_NAME)

    def draft(self) -> SegmentDraft:
        return SegmentDraft(name=self.validated_data["name"], rule=self.validated_data["rule"])


class SegmentChangeIn(SegmentIn):
    updated_at = DateTimeField(help_text=_("as it was when the segment was read"))


class SizeOut(serializers.Serializer[Any]):
    """`conditions` says by JSON pointer how many patients each condition picks alone."""

    members = serializers.IntegerField()
    base = serializers.IntegerField()
    conditions = serializers.DictField(child=serializers.IntegerField())


class MemberOut(serializers.Serializer[Any]):
    """A patient as the caller may see him: contacts are masked for a marketer. Sums in roubles."""

    id = serializers.IntegerField()
    full_name = serializers.CharField()
    birth_on = serializers.DateField(allow_null=True)
    phone = serializers.CharField(help_text=_("E.164 or masked; empty when none works"))
    email = serializers.CharField()
    branch = serializers.CharField()
    visits = serializers.IntegerField()
    spent = serializers.DecimalField(max_digits=12, decimal_places=2)
    last_visit_at = serializers.DateTimeField(allow_null=True)


class LineOut(serializers.Serializer[Any]):
    """A node of the rule: does it hold for the patient, and the fact that decided."""

    kind = serializers.CharField(help_text=_("condition, all, any or not"))
    path = serializers.CharField()
    text = serializers.CharField()
    holds = serializers.BooleanField()
    fact = serializers.CharField()
    lines = serializers.ListField(child=serializers.DictField())

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The same for every line below."""
        plain = {
            name: getattr(instance, name) for name in ("kind", "path", "text", "holds", "fact")
        }
        return plain | {"lines": [self.to_representation(line) for line in instance.lines]}


class CatalogueOut(serializers.Serializer[Any]):
    limits = serializers.DictField(child=serializers.IntegerField())
    topics = serializers.ListField(child=serializers.DictField())


class SegmentList(generics.GenericAPIView[Segment]):
    serializer_class = SegmentOut

    def get_queryset(self) -> QuerySet[Segment]:
        return Segment.objects.none()

    @extend_schema(
        operation_id="segments_list",
        responses=SegmentOut(many=True),
        parameters=[OpenApiParameter("archived", bool, default=False)],
    )
    def get(self, request: ApiRequest) -> Response:
        """Segments by name, of the archive with `archived=true`."""
        archived = request.query_params.get("archived", "").lower() in {"1", "true"}
        page = self.paginate_queryset(list_segments(archived=archived))
        return self.get_paginated_response(SegmentOut(page, many=True).data)

    @extend_schema(
        operation_id="segments_create",
        request=SegmentIn,
        responses={201: SegmentOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest) -> Response:
        """Make a segment. Faults of the rule come as `faults` with JSON pointers."""
        told = SegmentIn(data=request.data)
        told.is_valid(raise_exception=True)
        made = create_segment(
            draft=told.draft(),
            key=read_key(request),
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(SegmentOut(made).data, status=201)


class SegmentDetail(APIView):
    @extend_schema(operation_id="segments_get", responses=SegmentOut)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return Response(SegmentOut(_find(request, pk)).data)

    @extend_schema(operation_id="segments_change", request=SegmentChangeIn, responses=SegmentOut)
    def put(self, request: ApiRequest, pk: int) -> Response:
        """Give it a new name and rule, unless somebody changed it since it was read."""
        _find(request, pk)
        told = SegmentChangeIn(data=request.data)
        told.is_valid(raise_exception=True)
        changed = change_segment(
            segment_id=pk,
            draft=told.draft(),
            seen_at=told.validated_data["updated_at"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(SegmentOut(changed).data)


class SegmentArchive(APIView):
    @extend_schema(operation_id="segments_archive", request=None, responses=SegmentOut)
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Put it away; 409 `segment_in_use` while a running scenario needs it."""
        _find(request, pk)
        now = timezone.now()
        put_away = archive_segment(segment_id=pk, actor_id=request.user.pk, now=now)
        return Response(SegmentOut(put_away).data)


class SegmentRestore(APIView):
    @extend_schema(operation_id="segments_restore", request=None, responses=SegmentOut)
    def post(self, request: ApiRequest, pk: int) -> Response:
        _find(request, pk)
        now = timezone.now()
        restored = restore_segment(segment_id=pk, actor_id=request.user.pk, now=now)
        return Response(SegmentOut(restored).data)


class SegmentCount(APIView):
    @extend_schema(operation_id="segments_count", request=RuleIn, responses=SizeOut)
    def post(self, request: ApiRequest) -> Response:
        """How many patients a rule picks now; nothing is stored."""
        told = RuleIn(data=request.data)
        told.is_valid(raise_exception=True)
        rule, now = told.validated_data["rule"], timezone.now()
        with patience():
            size = count_segment(rule=rule, now=now)
            conditions = count_conditions(rule=rule, now=now)
        answer = {"members": size.members, "base": size.base, "conditions": conditions}
        return Response(SizeOut(answer).data)


class SegmentTraits(APIView):
    @extend_schema(operation_id="segments_traits", responses=CatalogueOut)
    def get(self, request: ApiRequest) -> Response:
        """What a rule can ask for: traits by topic, with operators and options."""
        return Response(list_catalogue())


class SegmentMembers(generics.GenericAPIView[Patient]):
    serializer_class = MemberOut

    def get_queryset(self) -> QuerySet[Patient]:
        return Patient.objects.none()

    @extend_schema(operation_id="segments_members", responses=MemberOut(many=True))
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Whom the segment picks now, by name. Reading it is written to the access journal."""
        segment, now = _find(request, pk), timezone.now()
        with patience():
            page = self.paginate_queryset(list_members(rule=segment.rule, now=now)) or []
            members = read_members(page, actor=request.user)
        _record_seen(request, [member.id for member in members])
        return self.get_paginated_response(MemberOut(members, many=True).data)


class SegmentWhy(APIView):
    @extend_schema(operation_id="segments_why", responses=LineOut)
    def get(self, request: ApiRequest, pk: int, patient_id: int) -> Response:
        """Why a patient is in the segment or not."""
        segment = _find(request, pk)
        patient = access_patient(actor=request.user, patient_id=patient_id)
        verdict = explain_member(rule=segment.rule, patient_id=patient.pk, now=timezone.now())
        _record_seen(request, [patient.pk])
        return Response(LineOut(verdict).data)


def _find(request: ApiRequest, pk: int) -> Segment:
    return access_segment(actor=request.user, segment_id=pk)


def _record_seen(request: ApiRequest, patient_ids: list[int]) -> None:
    record_accesses(
        patient_ids=patient_ids,
        actor_id=request.user.pk,
        action=AccessAction.LISTED,
        place=name_of_address(request),
        ip=address_of(request),
        now=timezone.now(),
    )
