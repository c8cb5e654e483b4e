"""Segments in the administration: the same rule builder over the same actions."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.actions.segments import (
    archive_segment,
    change_segment,
    create_segment,
    restore_segment,
)
from campaigns.forms.admin import SegmentAdminForm
from campaigns.models import Segment
from campaigns.queries.segments import last_size
from campaigns.words import say_rest
from clinic.access import may_open
from clinic.formats import format_number
from outbox.errors import Refused


@admin.register(Segment)
class SegmentPage(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no parameter at run time
    """Whoever may open the address may read and change; nothing is deleted, only archived."""

    form = SegmentAdminForm
    list_display = ("name", "size", "counted_at", "author", "updated_at", "archived_at")
    list_filter = (("archived_at", admin.EmptyFieldListFilter),)
    list_select_related = ("author",)
    list_per_page = 50
    search_fields = ("name",)
    ordering = ("name",)
    actions = ("put_away", "take_out")

    @admin.display(description=_("size"))
    def size(self, segment: Segment) -> str:
        return f"{format_number(segment.members)} {say_rest(last_size(segment))}"

    def save_model(
        self,
        request: HttpRequest,
        obj: Segment,
        form: SegmentAdminForm,
        change: bool,  # noqa: FBT001 — Django's own signature
    ) -> None:
        actor_id, now = request.user.pk, timezone.now()
        if not change:
            key = f"admin:{uuid.uuid4()}"
            obj.pk = create_segment(draft=form.draft, key=key, actor_id=actor_id, now=now).pk
            return
        change_segment(
            segment_id=obj.pk,
            draft=form.draft,
            seen_at=form.cleaned_data["seen_at"],
            actor_id=actor_id,
            now=now,
        )

    @admin.action(description=_("To the archive"))
    def put_away(self, request: HttpRequest, chosen: QuerySet[Segment]) -> None:
        for segment in chosen:
            try:
                archive_segment(segment_id=segment.pk, actor_id=request.user.pk, now=timezone.now())
            except Refused as refused:
                self.message_user(request, f"{segment.name}: {refused}", level=messages.ERROR)

    @admin.action(description=_("Restore"))
    def take_out(self, request: HttpRequest, chosen: QuerySet[Segment]) -> None:
        for segment in chosen:
            restore_segment(segment_id=segment.pk, actor_id=request.user.pk, now=timezone.now())

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_open(request.user, "admin:campaigns_segment_changelist")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_open(request.user, "admin:campaigns_segment_changelist")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_open(request.user, "admin:campaigns_segment_add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_open(request.user, "admin:campaigns_segment_change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
