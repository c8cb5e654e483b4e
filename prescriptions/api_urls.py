from django.urls import path

from prescriptions import api

app_name = "prescriptions_api"

urlpatterns = [
    path("prescriptions/", api.CourseList.as_view(), name="prescriptions"),
    path("prescriptions/<int:prescription_id>/", api.CourseDetail.as_view(), name="prescription"),
    path(
        "prescriptions/lines/<int:line_id>/sessions/",
        api.SessionBook.as_view(),
        name="line-sessions",
    ),
    path(
        "prescriptions/lines/<int:line_id>/hand-over/",
        api.LineHandOver.as_view(),
        name="line-hand-over",
    ),
    path("prescriptions/lines/<int:line_id>/drop/", api.LineDrop.as_view(), name="line-drop"),
]
