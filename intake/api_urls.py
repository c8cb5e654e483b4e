from django.urls import path

from intake import api

app_name = "intake_api"

urlpatterns = [
    path("requests/", api.RequestList.as_view(), name="requests"),
    path("requests/<int:request_id>/", api.RequestDetail.as_view(), name="request"),
    path("requests/<int:request_id>/take/", api.RequestTake.as_view(), name="request-take"),
    path("requests/<int:request_id>/book/", api.RequestBook.as_view(), name="request-book"),
    path("requests/<int:request_id>/lose/", api.RequestLose.as_view(), name="request-lose"),
]
