from django.urls import path

from desk import api

app_name = "desk_api"

urlpatterns = [
    path("shifts/", api.ShiftList.as_view(), name="shifts"),
    path("absences/", api.AbsenceList.as_view(), name="absences"),
    path(
        "appointments/<int:appointment_id>/complete/",
        api.AppointmentComplete.as_view(),
        name="appointment-complete",
    ),
]
