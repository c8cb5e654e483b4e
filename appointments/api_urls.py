from django.urls import path

from appointments import api

app_name = "appointments_api"

urlpatterns = [
    path("slots/", api.SlotList.as_view(), name="slots"),
    path("holds/", api.HoldList.as_view(), name="holds"),
    path("appointments/", api.AppointmentList.as_view(), name="appointments"),
    path("appointments/<int:appointment_id>/", api.AppointmentDetail.as_view(), name="appointment"),
    path("visits/search/", api.BundleSearch.as_view(), name="visits-search"),
    path("visits/", api.BundleList.as_view(), name="visits"),
    path(
        "appointments/<int:appointment_id>/visit/move/",
        api.BundleMove.as_view(),
        name="visit-move",
    ),
    path(
        "appointments/<int:appointment_id>/visit/cancel/",
        api.BundleCancel.as_view(),
        name="visit-cancel",
    ),
    path(
        "appointments/<int:appointment_id>/prepayments/",
        api.AppointmentPrepayments.as_view(),
        name="prepayments",
    ),
    path(
        "prepayments/<int:prepayment_id>/return/",
        api.PrepaymentReturn.as_view(),
        name="prepayment-return",
    ),
    path(
        "appointments/<int:appointment_id>/move/",
        api.AppointmentMove.as_view(),
        name="appointment-move",
    ),
    path(
        "appointments/<int:appointment_id>/cancel/",
        api.AppointmentCancel.as_view(),
        name="appointment-cancel",
    ),
    path(
        "appointments/<int:appointment_id>/confirm/",
        api.AppointmentConfirm.as_view(),
        name="appointment-confirm",
    ),
    path(
        "appointments/<int:appointment_id>/arrive/",
        api.AppointmentArrive.as_view(),
        name="appointment-arrive",
    ),
]
