from django.urls import path

from patients import api

app_name = "patients_api"

urlpatterns = [
    path("patients/", api.PatientList.as_view(), name="patients"),
    path("patients/<int:patient_id>/", api.PatientDetail.as_view(), name="patient"),
    path("patients/<int:patient_id>/consents/", api.ConsentList.as_view(), name="consents"),
]
