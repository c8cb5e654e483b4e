from django.urls import path

from desk.views import card, home, journal, patients

app_name = "desk"

urlpatterns = [
    path("", home.show_home, name="home"),
    path("journal/", journal.list_accesses, name="journal"),
    path("search/", patients.search, name="search"),
    path("patients/", patients.list_all, name="patients"),
    path("patients/<int:patient_id>/", card.show_card, name="card"),
    path("patients/<int:patient_id>/timeline/", card.show_timeline, name="timeline"),
]
