from django.urls import path

from appointments import views

app_name = "appointments"

urlpatterns = [
    path("v/<str:token>/", views.answer, name="answer"),
]
