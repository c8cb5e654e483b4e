from django.urls import path

from reports import api

app_name = "reports_api"
urlpatterns = [
    path("funnel/", api.FunnelView.as_view(), name="funnel"),
]
