from django.urls import path

from patients.views import consents, people, relations

app_name = "patients"

urlpatterns = [
    path("patients/new/", people.add, name="add"),
    path("patients/pick/", relations.pick, name="pick"),
    path("patients/<int:patient_id>/edit/", people.edit, name="edit"),
    path("patients/<int:patient_id>/status/", people.set_status, name="status"),
    path("patients/<int:patient_id>/consents/", consents.ask, name="consents"),
    path("patients/<int:patient_id>/relations/new/", relations.add, name="relation_add"),
    path(
        "patients/<int:patient_id>/relations/<int:relative_id>/remove/",
        relations.remove,
        name="relation_remove",
    ),
]
