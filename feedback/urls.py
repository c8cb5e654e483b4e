from django.urls import path

from feedback import views

app_name = "feedback"
urlpatterns = [
    path("r/<str:token>/", views.review, name="review"),
    path("cases/", views.cases, name="cases"),
    path("cases/answers/", views.answers, name="answers"),
    path("cases/<int:pk>/take/", views.case_take, name="case_take"),
    path("cases/<int:pk>/resolve/", views.case_resolve, name="case_resolve"),
]
