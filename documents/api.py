"""Documents for programs: make, list, take the file."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.http import ApiRequest
from clinic.models import Branch
from documents.actions import DocumentOrder, make_document
from documents.answers import send
from documents.models import Document, DocumentKind
from documents.queries import access_document, list_documents
from patients.doors import open_patient
from patients.models import AccessAction


class DocumentOut(serializers.ModelSerializer[Document]):
    """`sha256` is of the file: printed again it is the same."""

    version = serializers.IntegerField(source="template.version")

    class Meta:
        model = Document
        fields = ("id", "kind", "number", "version", "appointment", "branch", "made_at", "sha256")
        read_only_fields = fields


class DocumentIn(serializers.Serializer[Any]):
    """A contract is for the patient, an act and a consent for an `appointment` of his.

    What was made before is returned; `after` is its id when a new one is wanted instead.
    """

    kind = serializers.ChoiceField(choices=DocumentKind.choices)
    branch = serializers.PrimaryKeyRelatedField(queryset=Branch.objects.filter(is_active=True))
    appointment = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    after = serializers.IntegerField(min_value=1, default=None, allow_null=True)


class PatientDocuments(generics.GenericAPIView[Document]):
    serializer_class = DocumentOut

    def get_queryset(self) -> QuerySet[Document]:
        return Document.objects.none()

    @extend_schema(operation_id="documents_of_patient", responses=DocumentOut(many=True))
    def get(self, request: ApiRequest, patient_id: int) -> Response:
        """What was made for the patient, the newest first."""
        with transaction.atomic():
            patient = open_patient(
                request, patient_id=patient_id, actor=request.user, now=timezone.now()
            )
            rows = list_documents(patient_id=patient.pk).select_related("template")
            page = self.paginate_queryset(rows)
        return self.get_paginated_response(DocumentOut(page, many=True).data)

    @extend_schema(operation_id="documents_make", request=DocumentIn, responses={201: DocumentOut})
    def post(self, request: ApiRequest, patient_id: int) -> Response:
        """Fill a document in. Refused with `visit_not_finished`, `wrong_subject`."""
        now = timezone.now()
        with transaction.atomic():
            patient = open_patient(request, patient_id=patient_id, actor=request.user, now=now)
        told = DocumentIn(data=request.data)
        told.is_valid(raise_exception=True)
        given = told.validated_data
        order = DocumentOrder(
            kind=given["kind"],
            patient_id=patient.pk,
            branch_id=given["branch"].pk,
            appointment_id=given["appointment"],
            after=given["after"],
        )
        made = make_document(order=order, actor_id=request.user.pk, now=now)
        return Response(DocumentOut(made).data, status=201)


class DocumentFile(APIView):
    @extend_schema(operation_id="documents_file", responses={200: OpenApiTypes.BINARY})
    def get(self, request: ApiRequest, document_id: int) -> HttpResponse:
        """The .docx as it was made."""
        with transaction.atomic():
            found = access_document(actor=request.user, document_id=document_id)
            open_patient(
                request,
                patient_id=found.patient_id,
                actor=request.user,
                now=timezone.now(),
                action=AccessAction.EXPORTED,
            )
        return send(bytes(found.content), f"{found.kind.lower()}-{found.number}.docx")
