from django.urls import path

from worklist import views

app_name = "worklist"

urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/<int:task_id>/take/", views.task_take, name="task_take"),
    path("tasks/<int:task_id>/release/", views.task_release, name="task_release"),
    path("tasks/<int:task_id>/postpone/", views.task_postpone, name="task_postpone"),
    path("tasks/<int:task_id>/call/", views.task_call, name="task_call"),
    path("tasks/<int:task_id>/finish/", views.task_finish, name="task_finish"),
    path("tasks/<int:task_id>/reopen/", views.task_reopen, name="task_reopen"),
]
