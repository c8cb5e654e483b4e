from django.urls import path

from intake.views import requests

app_name = "intake"

urlpatterns = [
    path("requests/", requests.requests, name="requests"),
    path("requests/new/", requests.request_new, name="request_new"),
    path("requests/match/", requests.request_match, name="request_match"),
    path("requests/<int:request_id>/take/", requests.request_take, name="request_take"),
    path("requests/<int:request_id>/patient/", requests.request_patient, name="request_patient"),
    path("requests/<int:request_id>/book/", requests.request_book, name="request_book"),
    path("requests/<int:request_id>/lose/", requests.request_lose, name="request_lose"),
    path("requests/<int:request_id>/reopen/", requests.request_reopen, name="request_reopen"),
]
