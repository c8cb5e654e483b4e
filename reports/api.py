"""The funnel for programs."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.http import ApiRequest
from reports.queries.funnel import FunnelFilter, read_funnel


class FunnelIn(serializers.Serializer[Any]):
    """Requests received from `since` on and before `until`. 0 asks for those without one."""

    since = serializers.DateField()
    until = serializers.DateField()
    source_id = serializers.IntegerField(min_value=0, default=None, allow_null=True)
    branch_id = serializers.IntegerField(min_value=0, default=None, allow_null=True)


class LossOut(serializers.Serializer[Any]):
    outcome = serializers.CharField()
    count = serializers.IntegerField()


class StepOut(serializers.Serializer[Any]):
    """`count` of `before`; `money` in roubles was paid at these visits."""

    code = serializers.CharField()
    count = serializers.IntegerField()
    before = serializers.IntegerField()
    losses = LossOut(many=True)
    money = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)


class FunnelLineOut(serializers.Serializer[Any]):
    """`counts` are those of the steps in their order."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    counts = serializers.ListField(child=serializers.IntegerField())
    money = serializers.DecimalField(max_digits=14, decimal_places=2)


class FunnelOut(serializers.Serializer[Any]):
    """docs/funnel.md has the definitions."""

    steps = StepOut(many=True)
    by_source = FunnelLineOut(many=True)
    by_branch = FunnelLineOut(many=True)
    spam = serializers.IntegerField()
    newcomers = serializers.ListField(child=serializers.IntegerField())


class FunnelView(APIView):
    @extend_schema(operation_id="funnel_get", parameters=[FunnelIn], responses=FunnelOut)
    def get(self, request: ApiRequest) -> Response:
        """Requests → booked → came → came again, with the losses at each step."""
        told = FunnelIn(data=request.query_params)
        told.is_valid(raise_exception=True)
        asked = told.validated_data
        wanted = FunnelFilter(
            since=asked["since"],
            until=asked["until"],
            branch_id=asked["branch_id"],
            source_id=asked["source_id"],
        )
        found = read_funnel(wanted=wanted, now=timezone.now())
        return Response(FunnelOut(found).data)
