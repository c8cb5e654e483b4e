from django.urls import path

from worklist import api

app_name = "worklist_api"

urlpatterns = [
    path("tasks/", api.TaskList.as_view(), name="tasks"),
    path("tasks/<int:task_id>/finish/", api.TaskFinish.as_view(), name="task-finish"),
]
