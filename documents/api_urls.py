from django.urls import path

from documents import api

app_name = "documents_api"
urlpatterns = [
    path(
        "patients/<int:patient_id>/documents/",
        api.PatientDocuments.as_view(),
        name="patient-documents",
    ),
    path("documents/<int:document_id>/file/", api.DocumentFile.as_view(), name="file"),
]
