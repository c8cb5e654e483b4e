from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response

from clinic.http import ApiRequest
from clinic.models import Branch, Employee, OwnTerms, Service, ServiceKind
from clinic.queries import CatalogueFilter, find_branches, find_employees, find_services

ACTIVE = OpenApiParameter("active", bool, default=True, description="false: those out of use")
BRANCH = OpenApiParameter("branch", int, description="id of a branch")
SERVICE = OpenApiParameter("service", int, description="id of a service")
KIND = OpenApiParameter("kind", enum=ServiceKind.values)


class BranchOut(serializers.ModelSerializer[Branch]):
    """A branch. `opens_at` and `closes_at` are on the clock of `time_zone`, an IANA name."""

    class Meta:
        model = Branch
        fields = (
            *("id", "name", "city", "address", "phone", "time_zone", "opens_at", "closes_at"),
            *("directions", "map_url", "is_active"),
        )
        read_only_fields = fields


class ServiceOut(serializers.ModelSerializer[Service]):
    """A line of the price list. `price` is roubles with two decimals.

    It needs one of `rooms` and one of `devices` (ids), without any it needs none. Patients book
    only what `is_online`, `notice_minutes` before the start and at most `horizon_days` ahead (null:
    no limit), and cancel or move until `cancel_cutoff_minutes` before it. `repeat_price` is that of
    a visit within `repeat_days` after another. An employee may have terms of his own (`own_terms`).
    """

    minutes = serializers.SerializerMethodField(help_text="how long it takes")
    notice_minutes = serializers.SerializerMethodField()
    cancel_cutoff_minutes = serializers.SerializerMethodField()

    class Meta:
        model = Service
        fields = (
            *(
                "id",
                "name",
                "kind",
                "minutes",
                "price",
                "repeat_price",
                "repeat_days",
                "rooms",
                "devices",
            ),
            *("is_online", "notice_minutes", "horizon_days", "cancel_cutoff_minutes"),
            *("preparation", "is_active"),
        )
        read_only_fields = fields

    def get_minutes(self, service: Service) -> int:
        return in_minutes(service.duration)

    def get_notice_minutes(self, service: Service) -> int:
        return in_minutes(service.notice)

    def get_cancel_cutoff_minutes(self, service: Service) -> int:
        return in_minutes(service.cancel_cutoff)


class OwnTermsOut(serializers.ModelSerializer[OwnTerms]):
    """What is different with this employee; null is as in the price list."""

    minutes = serializers.SerializerMethodField()

    class Meta:
        model = OwnTerms
        fields = ("service", "minutes", "price", "repeat_price")
        read_only_fields = fields

    def get_minutes(self, own: OwnTerms) -> int | None:
        return None if own.duration is None else in_minutes(own.duration)


class EmployeeOut(serializers.ModelSerializer[Employee]):
    """Someone of the staff. `branches` and `services` are ids.

    Whoever has services takes appointments.
    """

    short_name = serializers.CharField(read_only=True, help_text="surname and initials")
    own_terms = OwnTermsOut(many=True, read_only=True)

    class Meta:
        model = Employee
        fields = (
            *("id", "last_name", "first_name", "middle_name", "short_name", "position"),
            *("branches", "services", "own_terms", "is_active"),
        )
        read_only_fields = fields


class FilterIn(serializers.Serializer[Any]):
    active = serializers.BooleanField(default=True)
    branch = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    service = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    kind = serializers.ChoiceField(choices=ServiceKind.choices, default="", allow_blank=True)

    def read(self) -> CatalogueFilter:
        told = self.validated_data
        return CatalogueFilter(
            is_active=told["active"],
            branch_id=told["branch"],
            service_id=told["service"],
            kind=told["kind"],
        )


class BranchList(generics.GenericAPIView[Branch]):
    serializer_class = BranchOut

    def get_queryset(self) -> QuerySet[Branch]:
        return Branch.objects.none()

    @extend_schema(
        operation_id="branches_list", responses=BranchOut(many=True), parameters=[ACTIVE]
    )
    def get(self, request: ApiRequest) -> Response:
        """The addresses of the clinic by name, 50 on a page."""
        page = self.paginate_queryset(find_branches(wanted=_read_filter(request)))
        return self.get_paginated_response(BranchOut(page, many=True).data)


class ServiceList(generics.GenericAPIView[Service]):
    serializer_class = ServiceOut

    def get_queryset(self) -> QuerySet[Service]:
        return Service.objects.none()

    @extend_schema(
        operation_id="services_list",
        responses=ServiceOut(many=True),
        parameters=[KIND, BRANCH, ACTIVE],
    )
    def get(self, request: ApiRequest) -> Response:
        """The price list by name, 50 on a page. `branch`: what somebody there offers."""
        page = self.paginate_queryset(find_services(wanted=_read_filter(request)))
        return self.get_paginated_response(ServiceOut(page, many=True).data)


class EmployeeList(generics.GenericAPIView[Employee]):
    serializer_class = EmployeeOut

    def get_queryset(self) -> QuerySet[Employee]:
        return Employee.objects.none()

    @extend_schema(
        operation_id="employees_list",
        responses=EmployeeOut(many=True),
        parameters=[BRANCH, SERVICE, KIND, ACTIVE],
    )
    def get(self, request: ApiRequest) -> Response:
        """The staff by name, 50 on a page. `service` and `kind`: those who offer such a service."""
        page = self.paginate_queryset(find_employees(wanted=_read_filter(request)))
        return self.get_paginated_response(EmployeeOut(page, many=True).data)


def in_minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _read_filter(request: ApiRequest) -> CatalogueFilter:
    asked = FilterIn(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return asked.read()
