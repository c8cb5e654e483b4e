from django.urls import path

from campaigns.views import members, scenarios, segments

app_name = "campaigns"
urlpatterns = [
    path("segments/", segments.segments, name="segments"),
    path("segments/add/", segments.segment_add, name="segment_add"),
    path("segments/count/", segments.segment_count, name="segment_count"),
    path("segments/preview/", members.segment_preview, name="segment_preview"),
    path("segments/why/<int:patient_id>/", members.draft_why, name="draft_why"),
    path("segments/<int:pk>/", members.segment, name="segment"),
    path("segments/<int:pk>/change/", segments.segment_change, name="segment_change"),
    path("segments/<int:pk>/copy/", segments.segment_copy, name="segment_copy"),
    path("segments/<int:pk>/archive/", segments.segment_archive, name="segment_archive"),
    path("segments/<int:pk>/restore/", segments.segment_restore, name="segment_restore"),
    path("segments/<int:pk>/size/", segments.segment_size, name="segment_size"),
    path("segments/<int:pk>/check/", members.segment_check, name="segment_check"),
    path("segments/<int:pk>/why/<int:patient_id>/", members.segment_why, name="segment_why"),
    path("scenarios/", scenarios.scenarios, name="scenarios"),
    path("scenarios/<int:pk>/", scenarios.scenario, name="scenario"),
    path("scenarios/<int:pk>/start/", scenarios.scenario_start, name="scenario_start"),
    path("scenarios/<int:pk>/stop/", scenarios.scenario_stop, name="scenario_stop"),
    path("scenarios/<int:pk>/runs/", scenarios.scenario_runs, name="scenario_runs"),
    path("scenarios/<int:pk>/why/", scenarios.scenario_why, name="scenario_why"),
]
