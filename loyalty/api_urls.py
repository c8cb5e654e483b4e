from django.urls import path

from loyalty import api

app_name = "loyalty_api"

urlpatterns = [
    path("patients/<int:patient_id>/points/", api.Points.as_view(), name="points"),
    path(
        "patients/<int:patient_id>/points/entries/",
        api.PointEntries.as_view(),
        name="points-entries",
    ),
    path(
        "patients/<int:patient_id>/points/adjust/",
        api.PointsAdjust.as_view(),
        name="points-adjust",
    ),
]
