from django.urls import path

from campaigns.views import scenarios

app_name = "campaigns"
urlpatterns = [
    path("scenarios/", scenarios.scenarios, name="scenarios"),
    path("scenarios/<int:pk>/", scenarios.scenario, name="scenario"),
    path("scenarios/<int:pk>/start/", scenarios.scenario_start, name="scenario_start"),
    path("scenarios/<int:pk>/stop/", scenarios.scenario_stop, name="scenario_stop"),
    path("scenarios/<int:pk>/runs/", scenarios.scenario_runs, name="scenario_runs"),
    path("scenarios/<int:pk>/why/", scenarios.scenario_why, name="scenario_why"),
]
