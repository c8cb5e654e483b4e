from django.urls import path

from prescriptions.views import courses, lines, prescribing

app_name = "prescriptions"

urlpatterns = [
    path("courses/", courses.courses, name="courses"),
    path("my-procedures/", courses.my_lines, name="my_lines"),
    path("courses/<int:line_id>/", lines.line, name="line"),
    path("courses/<int:line_id>/book/", lines.line_book, name="line_book"),
    path("courses/<int:line_id>/take/", lines.line_take, name="line_take"),
    path("courses/<int:line_id>/drop/", lines.line_drop, name="line_drop"),
    path("courses/<int:line_id>/reopen/", lines.line_reopen, name="line_reopen"),
    path("prescribe/", prescribing.prescribe, name="prescribe"),
]
