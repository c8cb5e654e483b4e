from django.urls import path

from appointments.views import feed, link, moving

app_name = "appointments"

urlpatterns = [
    path("v/<str:token>/", link.answer, name="answer"),
    path("v/<str:token>/time/", moving.move, name="answer_move"),
    path("v/<str:token>/more/", link.prepare, name="answer_prepare"),
    path("v/<str:token>/visit.ics", link.calendar, name="answer_calendar"),
    path("calendar/<str:token>/visits.ics", feed.read, name="feed"),
]
