"""Packages for other systems: what is on sale, what a patient has, what pays for a visit."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.actions import list_lines
from appointments.models import Visit
from appointments.queries import access_appointment
from clinic.http import ApiRequest
from clinic.idempotency import IDEMPOTENCY_KEY, read_key
from clinic.models import Branch
from packages.actions import (
    SaleOrder,
    cover_bill,
    freeze_package,
    refund_package,
    sell_package,
    unfreeze_package,
)
from packages.codes import read_code
from packages.models import Package, PackageEntry, PackagePart, PackageType, TypePart
from packages.queries import (
    Cover,
    access_package,
    list_entries,
    list_of_patient,
    list_on_sale,
    list_usable,
    quote_refund,
    suggest_cover,
)
from patients.queries import access_patient

CODE = OpenApiParameter("code", str, description="of a package that belongs to somebody else")


class MoneyField(serializers.DecimalField):
    """Roubles with kopecks, as a string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, **kwargs)


class TypePartOut(serializers.ModelSerializer[TypePart]):
    """So many sessions of any of these services."""

    class Meta:
        model = TypePart
        fields = ("sessions", "services")
        read_only_fields = fields


class PackageTypeOut(serializers.ModelSerializer[PackageType]):
    """What can be bought. Days are calendar days of the branch that sells."""

    parts = TypePartOut(many=True, read_only=True)

    class Meta:
        model = PackageType
        fields = (
            *("id", "name", "price", "term_days", "activation", "warn_days", "freeze_days"),
            *("is_transferable", "is_bearer", "parts"),
        )
        read_only_fields = fields


class PackagePartOut(serializers.ModelSerializer[PackagePart]):
    """`left` of `sessions` of any of the services."""

    services = serializers.SerializerMethodField()
    left = serializers.IntegerField(source="balance", read_only=True)

    class Meta:
        model = PackagePart
        fields = ("sessions", "left", "services")
        read_only_fields = fields

    def get_services(self, part: PackagePart) -> list[int]:
        return [price.service_id for price in part.prices.all()]


class PackageOut(serializers.ModelSerializer[Package]):
    """A package sold. `ends_at` is the moment after its last day, null until the term begins."""

    parts = PackagePartOut(many=True, read_only=True)

    class Meta:
        model = Package
        fields = (
            *("id", "type", "patient", "branch", "name", "price", "status", "code", "sold_at"),
            *("ends_at", "frozen_at", "thaws_at", "freeze_days", "frozen_days"),
            *("is_transferable", "is_bearer", "is_family", "parts"),
        )
        read_only_fields = fields


class PackageEntryOut(serializers.ModelSerializer[PackageEntry]):
    """A row of the ledger; `sessions` is signed. Times are UTC."""

    class Meta:
        model = PackageEntry
        fields = ("id", "kind", "sessions", "part", "visit", "service", "patient", "note", "at")
        read_only_fields = fields


class SaleIn(serializers.Serializer[Any]):
    """Card, transfer and cash together are the price, to the kopeck."""

    type = serializers.PrimaryKeyRelatedField(queryset=PackageType.objects.all())
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.filter(is_active=True))
    card = MoneyField(min_value=0, default=Decimal(0))
    transfer = MoneyField(min_value=0, default=Decimal(0))
    cash = MoneyField(min_value=0, default=Decimal(0))
    is_family = serializers.BooleanField(default=False)


class RefundIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class RefundOut(serializers.Serializer[Any]):
    """`back` is `price` less `used`: sessions at the list price of the day of sale."""

    price = MoneyField()
    used = MoneyField()
    back = MoneyField()


class CoverLine(serializers.Serializer[Any]):
    """`line` counts the lines of the bill from 0; null: money pays it."""

    line = serializers.IntegerField(min_value=0)
    package = serializers.IntegerField(min_value=1, allow_null=True)


class CoverIn(serializers.Serializer[Any]):
    """Exactly these lines are paid by packages; a line that is left out is paid with money."""

    lines = CoverLine(many=True)
    code = serializers.CharField(max_length=20, default="", allow_blank=True)

    def read(self) -> Cover:
        told = self.validated_data
        paying = {row["line"]: row["package"] for row in told["lines"] if row["package"]}
        return Cover(packages=paying, code=read_code(told["code"]))


class CoverOut(serializers.Serializer[Any]):
    """`usable` packages, the one to use first first, and which should pay which line."""

    usable = serializers.ListField(child=serializers.IntegerField())
    lines = CoverLine(many=True)


class CoveredOut(serializers.Serializer[Any]):
    total = MoneyField()
    paid = MoneyField()


class PackageTypes(generics.GenericAPIView[PackageType]):
    serializer_class = PackageTypeOut

    def get_queryset(self) -> QuerySet[PackageType]:
        return list_on_sale()

    @extend_schema(operation_id="package_types_list", responses=PackageTypeOut(many=True))
    def get(self, request: ApiRequest) -> Response:
        """What is on sale."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(PackageTypeOut(page, many=True).data)


class PatientPackages(generics.GenericAPIView[Package]):
    serializer_class = PackageOut

    def get_queryset(self) -> QuerySet[Package]:
        return Package.objects.none()

    @extend_schema(operation_id="packages_of_patient", responses=PackageOut(many=True))
    def get(self, request: ApiRequest, patient_id: int) -> Response:
        """The patient's packages, the newest first."""
        patient = access_patient(actor=request.user, patient_id=patient_id)
        page = self.paginate_queryset(list_of_patient(patient_id=patient.pk))
        return self.get_paginated_response(PackageOut(page, many=True).data)

    @extend_schema(
        operation_id="packages_sell",
        request=SaleIn,
        responses={201: PackageOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, patient_id: int) -> Response:
        """Sell a package and take its price. The same key sells once.

        Refused with `price_not_met`, `package_not_on_sale`, `key_reused`.
        """
        patient = access_patient(actor=request.user, patient_id=patient_id)
        told = SaleIn(data=request.data)
        told.is_valid(raise_exception=True)
        given = told.validated_data
        order = SaleOrder(
            type_id=given["type"].pk,
            patient_id=patient.pk,
            branch_id=given["branch"].pk,
            card=given["card"],
            transfer=given["transfer"],
            cash=given["cash"],
            is_family=given["is_family"],
            key=read_key(request),
        )
        sold = sell_package(order=order, actor_id=request.user.pk, now=timezone.now())
        return _show(request, sold.pk, status=201)


class OnePackage(APIView):
    @extend_schema(operation_id="packages_get", responses=PackageOut)
    def get(self, request: ApiRequest, package_id: int) -> Response:
        """One package, what is left of each part."""
        return _show(request, package_id)


class PackageEntries(generics.GenericAPIView[PackageEntry]):
    serializer_class = PackageEntryOut

    def get_queryset(self) -> QuerySet[PackageEntry]:
        return PackageEntry.objects.none()

    @extend_schema(operation_id="packages_entries", responses=PackageEntryOut(many=True))
    def get(self, request: ApiRequest, package_id: int) -> Response:
        """The ledger, newest first."""
        package = access_package(actor=request.user, package_id=package_id)
        page = self.paginate_queryset(list_entries(package_id=package.pk))
        return self.get_paginated_response(PackageEntryOut(page, many=True).data)


class PackageFreeze(APIView):
    @extend_schema(
        operation_id="packages_freeze",
        request=None,
        responses=PackageOut,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, package_id: int) -> Response:
        """Stop the term. Refused with `no_freeze_left`, `package_in_another_state`."""
        access_package(actor=request.user, package_id=package_id)
        freeze_package(
            package_id=package_id,
            key=read_key(request),
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return _show(request, package_id)


class PackageUnfreeze(APIView):
    @extend_schema(operation_id="packages_unfreeze", request=None, responses=PackageOut)
    def post(self, request: ApiRequest, package_id: int) -> Response:
        """Let the term go on; a package that is not frozen stays as it is."""
        access_package(actor=request.user, package_id=package_id)
        unfreeze_package(package_id=package_id, actor_id=request.user.pk, now=timezone.now())
        return _show(request, package_id)


class PackageRefund(APIView):
    @extend_schema(operation_id="packages_refund_quote", responses=RefundOut)
    def get(self, request: ApiRequest, package_id: int) -> Response:
        """What would go back now."""
        quote = quote_refund(package=access_package(actor=request.user, package_id=package_id))
        told = {"price": quote.price, "used": quote.used_sum, "back": quote.back}
        return Response(RefundOut(told).data)

    @extend_schema(
        operation_id="packages_refund",
        request=RefundIn,
        responses=RefundOut,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, package_id: int) -> Response:
        """End the package and give the money back. Refused with `package_in_another_state`."""
        package = access_package(actor=request.user, package_id=package_id)
        told = RefundIn(data=request.data)
        told.is_valid(raise_exception=True)
        back = refund_package(
            package_id=package_id,
            key=read_key(request),
            reason=told.validated_data["reason"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        given = {"price": package.price, "used": package.price - back, "back": back}
        return Response(RefundOut(given).data)


class AppointmentCover(APIView):
    @extend_schema(operation_id="appointments_cover_preview", responses=CoverOut, parameters=[CODE])
    def get(self, request: ApiRequest, appointment_id: int) -> Response:
        """Which packages may pay for a finished visit, and which should pay which line."""
        now = timezone.now()
        code = read_code(request.query_params.get("code", ""))
        appointment = access_appointment(actor=request.user, appointment_id=appointment_id)
        visit = Visit.objects.filter(appointment=appointment).first()
        lines = list_lines(visit) if visit else []
        cover = suggest_cover(appointment=appointment, lines=lines, code=code, now=now)
        usable = list_usable(patient_id=appointment.patient_id, code=code, now=now)
        told = {
            "usable": list(usable.values_list("pk", flat=True)),
            "lines": [
                {"line": number, "package": cover.packages.get(number)}
                for number in range(len(lines))
            ],
        }
        return Response(CoverOut(told).data)

    @extend_schema(
        operation_id="appointments_cover",
        request=CoverIn,
        responses=CoveredOut,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: ApiRequest, appointment_id: int) -> Response:
        """Have packages pay exactly these lines; sessions of the others come back.

        The request says how it is to be, so a repeated one changes nothing. Refused with
        `no_sessions_left`, `service_not_covered`, `package_of_another`, `package_frozen`,
        `package_over`, `package_settled`, `bill_below_paid`, `status_not_allowed`.
        """
        access_appointment(actor=request.user, appointment_id=appointment_id)
        read_key(request)
        told = CoverIn(data=request.data)
        told.is_valid(raise_exception=True)
        visit = cover_bill(
            appointment_id=appointment_id,
            cover=told.read(),
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(CoveredOut(visit).data)


def _show(request: ApiRequest, package_id: int, *, status: int = 200) -> Response:
    package = access_package(actor=request.user, package_id=package_id)
    return Response(PackageOut(package).data, status=status)
