from django.urls import path

from packages import api

app_name = "packages_api"

urlpatterns = [
    path("package-types/", api.PackageTypes.as_view(), name="types"),
    path(
        "patients/<int:patient_id>/packages/",
        api.PatientPackages.as_view(),
        name="patient-packages",
    ),
    path("packages/<int:package_id>/", api.OnePackage.as_view(), name="package"),
    path("packages/<int:package_id>/entries/", api.PackageEntries.as_view(), name="entries"),
    path("packages/<int:package_id>/freeze/", api.PackageFreeze.as_view(), name="freeze"),
    path("packages/<int:package_id>/unfreeze/", api.PackageUnfreeze.as_view(), name="unfreeze"),
    path("packages/<int:package_id>/refund/", api.PackageRefund.as_view(), name="refund"),
    path(
        "appointments/<int:appointment_id>/cover/",
        api.AppointmentCover.as_view(),
        name="appointment-cover",
    ),
]
