from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("funnel/", views.funnel, name="funnel"),
    path("slot-rescue/", views.rescue, name="rescue"),
    path("slot-rescue/rows/", views.rescue_rows, name="rescue_rows"),
    path("funnel/rows/", views.funnel_rows, name="funnel_rows"),
]
