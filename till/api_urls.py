from django.urls import path

from till import api

app_name = "till_api"
urlpatterns = [
    path("till/", api.TillView.as_view(), name="till"),
    path("till/rows/", api.TillRows.as_view(), name="rows"),
    path("till/shifts/", api.TillShifts.as_view(), name="shifts"),
    path("till/shifts/<int:shift_id>/close/", api.TillShiftClose.as_view(), name="shift-close"),
]
