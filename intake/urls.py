from django.urls import path

from intake.views import imports, requests

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
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:import_id>/", imports.show_import, name="import"),
    path("imports/<int:import_id>/decide/", imports.import_decide, name="import_decide"),
    path("imports/<int:import_id>/start/", imports.import_start, name="import_start"),
    path("imports/<int:import_id>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<int:import_id>/continue/", imports.import_continue, name="import_continue"),
    path("imports/<int:import_id>/remap/", imports.import_remap, name="import_remap"),
    path("imports/<int:import_id>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:import_id>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<int:import_id>/refused/", imports.import_refused, name="import_refused"),
]
