from django.urls import path

from till import views

app_name = "till"
urlpatterns = [
    path("till/", views.till, name="till"),
    path("till/rows/", views.rows, name="rows"),
    path("till/rows.csv", views.export, name="export"),
    path("till/shifts/open/", views.open_shift, name="open_shift"),
    path("till/shifts/<int:shift_id>/close/", views.close_shift, name="close_shift"),
]
