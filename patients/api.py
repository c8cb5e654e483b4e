from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, pagination, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.http import ApiRequest, address_of
from clinic.models import Branch
from outbox.errors import Refused
from patients.actions import (
    ContactDetails,
    PatientDetails,
    change_patient,
    give_consent,
    register_patient,
    withdraw_consent,
)
from patients.dates import read_birth_date
from patients.details import details_of, seal_card
from patients.doors import note_listed, open_patient
from patients.models import (
    Attitude,
    Channel,
    ConsentAction,
    ConsentOrigin,
    ConsentPurpose,
    ContactKind,
    ContactOwner,
    ContactPoint,
    Patient,
    Sex,
    Source,
)
from patients.queries import (
    access_patient,
    find_patients,
    list_consents,
    list_visible_patients,
    list_wordings,
)

FOUND = 50
MOST_CONTACTS = 10


class ContactSerializer(serializers.ModelSerializer[ContactPoint]):
    """A phone comes in as people write it and goes out in E.164."""

    kind = serializers.ChoiceField(choices=ContactKind.choices)
    value = serializers.CharField(max_length=254)
    owner = serializers.ChoiceField(choices=ContactOwner.choices, default=ContactOwner.OWN)
    is_primary = serializers.BooleanField(default=False)
    works = serializers.BooleanField(source="is_valid", default=True)

    class Meta:
        model = ContactPoint
        fields = ("kind", "value", "owner", "is_primary", "works")


class PatientOut(serializers.ModelSerializer[Patient]):
    """A patient. Times are UTC."""

    source_code = serializers.SlugRelatedField[Source](
        source="source", slug_field="code", read_only=True
    )
    contacts = ContactSerializer(many=True, read_only=True)

    class Meta:
        model = Patient
        fields = (
            *("id", "last_name", "first_name", "middle_name", "birth_on", "sex", "branch"),
            *("source_code", "channel", "language", "status", "refusal_reason", "note"),
            *("is_reachable", "created_at", "contacts"),
        )
        read_only_fields = fields


class PatientIn(serializers.Serializer[Any]):
    """What a card says. In a change, what is left out stays; `contacts` replace those there are.

    `not_same_as` are ids of patients of whom a person has said that this is somebody else.
    """

    last_name = serializers.CharField(max_length=100, allow_blank=True)
    first_name = serializers.CharField(max_length=100, allow_blank=True)
    middle_name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    birth_on = serializers.CharField(
        max_length=20, required=False, allow_null=True, help_text="1985-03-12, 12.03.1985, 12.3.85"
    )
    sex = serializers.ChoiceField(choices=Sex.choices, required=False, allow_blank=True)
    branch = serializers.PrimaryKeyRelatedField(
        queryset=Branch.objects.filter(is_active=True), required=False, allow_null=True
    )
    source_code = serializers.SlugRelatedField[Source](
        slug_field="code", queryset=Source.objects.all(), required=False, allow_null=True
    )
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    language = serializers.ChoiceField(choices=["ru", "en"], required=False)
    status = serializers.ChoiceField(choices=Attitude.choices, required=False)
    refusal_reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    is_reachable = serializers.BooleanField(required=False)
    contacts = ContactSerializer(many=True, required=False)
    not_same_as = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=50
    )

    def validate_birth_on(self, value: str | None) -> date | None:
        if not value:
            return None
        try:
            return read_birth_date(value, today=timezone.now().date())
        except Refused as refusal:
            raise serializers.ValidationError(str(refusal), code=refusal.code) from refusal

    def validate_contacts(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_CONTACTS:
            raise serializers.ValidationError(_("At most 10 contacts."))
        return value

    def changes(self) -> dict[str, Any]:
        """Return what was told, under the names of `PatientDetails`."""
        told = dict(self.validated_data)
        told.pop("not_same_as", None)
        for name, field in (("branch", "branch_id"), ("source_code", "source_id")):
            if name in told:
                row = told.pop(name)
                told[field] = row.pk if row else None
        if "contacts" in told:
            told["contacts"] = [ContactDetails(**contact) for contact in told["contacts"]]
        return told


class ConsentOut(serializers.Serializer[Any]):
    """What holds now for one purpose and channel; `at` is null when it was never asked."""

    purpose = serializers.ChoiceField(choices=ConsentPurpose.choices)
    channel = serializers.CharField()
    is_given = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True)
    origin = serializers.CharField()
    text = serializers.CharField()


class ConsentIn(serializers.Serializer[Any]):
    """A grant or a withdrawal. `text` is the wording shown: without it, the one in force."""

    purpose = serializers.ChoiceField(choices=ConsentPurpose.choices)
    channel = serializers.ChoiceField(choices=Channel.choices, default="", allow_blank=True)
    action = serializers.ChoiceField(choices=ConsentAction.choices)
    text = serializers.CharField(max_length=5000, default="", allow_blank=True)


class ByName(pagination.CursorPagination):
    """The list is walked by its key and never counted."""

    page_size = 50
    ordering = ("name_key", "id")


class PatientList(generics.GenericAPIView[Patient]):
    serializer_class = PatientOut
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Patient]:
        return Patient.objects.select_related("source").prefetch_related("contacts")

    @extend_schema(
        operation_id="patients_list",
        responses=PatientOut(many=True),
        parameters=[
            OpenApiParameter(
                "q", description="part of the name, phone however typed, or birth date; 50 at most"
            ),
        ],
    )
    @transaction.atomic
    def get(self, request: ApiRequest) -> Response:
        """Patients by name. Everybody on the page is written to the access journal."""
        patients = self.get_queryset() & list_visible_patients(actor=request.user)
        text = request.query_params.get("q", "")[:100]
        if text:
            hits = [row.id for row in find_patients(text=text, limit=FOUND)]
            patients = patients.filter(pk__in=hits)
        page = self.paginate_queryset(patients) or []
        note_listed(
            request,
            patient_ids=[patient.pk for patient in page],
            actor=request.user,
            now=timezone.now(),
        )
        return self.get_paginated_response(PatientOut(page, many=True).data)

    @extend_schema(operation_id="patients_create", request=PatientIn, responses={201: PatientOut})
    def post(self, request: ApiRequest) -> Response:
        """Add a patient.

        Answers 409 `looks_known` with `candidates` when a known patient has the same contact and
        a similar name: use one of them, or send their ids as `not_same_as`.
        """
        told = PatientIn(data=request.data)
        told.is_valid(raise_exception=True)
        patient = register_patient(
            details=PatientDetails(**told.changes()),
            not_same_as=told.validated_data.get("not_same_as", ()),
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(PatientOut(patient).data, status=201)


class PatientDetail(APIView):
    @extend_schema(operation_id="patients_get", responses=PatientOut)
    @transaction.atomic
    def get(self, request: ApiRequest, patient_id: int) -> Response:
        """One patient. The opening is written to the access journal."""
        patient = open_patient(
            request, patient_id=patient_id, actor=request.user, now=timezone.now()
        )
        return Response(PatientOut(patient).data)

    @extend_schema(operation_id="patients_change", request=PatientIn, responses=PatientOut)
    def patch(self, request: ApiRequest, patient_id: int) -> Response:
        """Change what is named; the rest stays."""
        patient = access_patient(actor=request.user, patient_id=patient_id)
        told = PatientIn(data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        changed = change_patient(
            patient_id=patient.pk,
            details=replace(details_of(patient), **told.changes()),
            actor_id=request.user.pk,
            now=timezone.now(),
            seen=seal_card(patient),
        )
        return Response(PatientOut(changed).data)


class ConsentList(APIView):
    @extend_schema(operation_id="patients_consents", responses=ConsentOut(many=True))
    def get(self, request: ApiRequest, patient_id: int) -> Response:
        """What the patient agrees to now, one row for each purpose and channel."""
        patient = access_patient(actor=request.user, patient_id=patient_id)
        return Response(ConsentOut(list_consents(patient_id=patient.pk), many=True).data)

    @extend_schema(
        operation_id="patients_consent", request=ConsentIn, responses=ConsentOut(many=True)
    )
    def post(self, request: ApiRequest, patient_id: int) -> Response:
        """Write down a grant or a withdrawal; the rows before it stay."""
        patient = access_patient(actor=request.user, patient_id=patient_id)
        told = ConsentIn(data=request.data)
        told.is_valid(raise_exception=True)
        _answer(request, patient, told.validated_data)
        return Response(ConsentOut(list_consents(patient_id=patient.pk), many=True).data)


def _answer(request: ApiRequest, patient: Patient, told: Mapping[str, Any]) -> None:
    asked = {
        "patient_id": patient.pk,
        "purpose": told["purpose"],
        "channel": told["channel"],
        "origin": ConsentOrigin.API,
        "actor_id": request.user.pk,
        "ip": address_of(request),
        "now": timezone.now(),
    }
    if told["action"] == ConsentAction.WITHDRAWN:
        withdraw_consent(**asked)
        return
    wording = list_wordings(language=patient.language).get((told["purpose"], told["channel"]))
    give_consent(**asked, text=told["text"] or (wording.body if wording else ""))
