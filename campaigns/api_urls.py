from django.urls import path

from campaigns import api

app_name = "campaigns_api"

urlpatterns = [
    path("segments/", api.SegmentList.as_view(), name="segments"),
    path("segments/count/", api.SegmentCount.as_view(), name="segment-count"),
    path("segments/traits/", api.SegmentTraits.as_view(), name="segment-traits"),
    path("segments/<int:pk>/", api.SegmentDetail.as_view(), name="segment"),
    path("segments/<int:pk>/archive/", api.SegmentArchive.as_view(), name="segment-archive"),
    path("segments/<int:pk>/restore/", api.SegmentRestore.as_view(), name="segment-restore"),
    path("segments/<int:pk>/members/", api.SegmentMembers.as_view(), name="segment-members"),
    path("segments/<int:pk>/why/<int:patient_id>/", api.SegmentWhy.as_view(), name="segment-why"),
]
