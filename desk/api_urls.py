from django.urls import path

from desk import api

app_name = "desk_api"

urlpatterns = [
    path(
        "appointments/<int:appointment_id>/complete/",
        api.AppointmentComplete.as_view(),
        name="appointment-complete",
    ),
]
