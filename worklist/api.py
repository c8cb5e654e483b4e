"""Tasks of the staff for other systems."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.days import day_bounds, today_at
from clinic.http import ApiRequest
from clinic.models import Branch
from worklist.actions import finish_task
from worklist.models import Task, TaskKind
from worklist.queries import STATES, TaskFilter, access_task, filter_tasks, list_tasks_for


class TaskOut(serializers.ModelSerializer[Task]):
    """A task; `subject_kind` and `subject_id` name what it is about. Times are UTC."""

    class Meta:
        model = Task
        fields = (
            *("id", "kind", "status", "patient", "branch", "role", "assignee", "note"),
            *("subject_kind", "subject_id", "due_at", "attempts", "result", "created_at"),
            "closed_at",
        )
        read_only_fields = fields


class TaskFilterIn(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=list(STATES), default="open")
    kind = serializers.ChoiceField(choices=TaskKind.choices, default="", allow_blank=True)
    branch = serializers.PrimaryKeyRelatedField(
        queryset=Branch.objects.all(), default=None, allow_null=True
    )


class FinishIn(serializers.Serializer[Any]):
    result = serializers.CharField(max_length=500, default="", allow_blank=True)


class TaskList(generics.GenericAPIView[Task]):
    serializer_class = TaskOut

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.none()

    @extend_schema(
        operation_id="tasks_list",
        responses=TaskOut(many=True),
        parameters=[
            OpenApiParameter("state", enum=list(STATES), default="open"),
            OpenApiParameter("kind", enum=TaskKind.values),
            OpenApiParameter("branch", int),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """Tasks that the caller may work on, open ones by term.

        `today` is due by the end of the day at the branch, without one by the clinic's own clock.
        """
        asked = TaskFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        told, now = asked.validated_data, timezone.now()
        branch = told["branch"]
        place = branch or Branch.objects.order_by("id").first() or Branch()
        _starts_at, day_end = day_bounds(place, today_at(place, now=now))
        wanted = TaskFilter(
            state=told["state"], kind=told["kind"], branch_id=branch.pk if branch else None
        )
        found = filter_tasks(
            list_tasks_for(actor=request.user), by=wanted, day_end=day_end, now=now
        )
        page = self.paginate_queryset(found)
        return self.get_paginated_response(TaskOut(page, many=True).data)


class TaskFinish(APIView):
    @extend_schema(operation_id="tasks_finish", request=FinishIn, responses=TaskOut)
    def post(self, request: ApiRequest, task_id: int) -> Response:
        """The task is done. Repeating it with the same result changes nothing."""
        access_task(actor=request.user, task_id=task_id)
        told = FinishIn(data=request.data)
        told.is_valid(raise_exception=True)
        done = finish_task(
            task_id=task_id,
            result=told.validated_data["result"],
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        return Response(TaskOut(done).data)
