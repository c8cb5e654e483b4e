"""The pages of segments: the list, the editor, what may be done to one."""

import uuid
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.actions.segments import (
    archive_segment,
    change_segment,
    copy_segment,
    create_segment,
    restore_segment,
)
from campaigns.forms.segments import SegmentForm, put_refusal, read_filter
from campaigns.models import Segment
from campaigns.queries.segments import (
    access_segment,
    count_conditions,
    count_segment,
    last_size,
    list_scenarios_of,
    list_segments,
)
from campaigns.segments.patience import patience
from campaigns.segments.rules import RuleInvalid, RuleRefused, load_rule
from campaigns.segments.samples import SAMPLES, find_sample
from campaigns.segments.words import Line, OptionNames, describe_rule
from campaigns.words import say_rest
from clinic.formats import format_number
from clinic.http import StaffRequest
from clinic.toasts import toast
from outbox.errors import Refused

ON_PAGE = 25


@require_safe
def segments(request: StaffRequest) -> HttpResponse:
    """All segments with their last known size; each row counts itself anew once it is seen."""
    form, wanted = read_filter(request.GET)
    page = Paginator(list_segments(**wanted), ON_PAGE).get_page(request.GET.get("page"))
    names = OptionNames()
    context = {
        "filters": form,
        "page": page,
        "rows": [(row, describe(row, names), last_size(row)) for row in page.object_list],
        "samples": SAMPLES,
        "is_archive": wanted["archived"],
        "is_narrowed": bool(wanted["text"]),
    }
    template = "campaigns/segments.html#rows" if request.htmx else "campaigns/segments.html"
    return render(request, template, context)


def describe(segment: Segment, names: OptionNames) -> Line | None:
    """The rule in words; None for one that no longer reads, so that its row still shows."""
    try:
        return describe_rule(segment.rule, names=names)
    except RuleInvalid:
        return None


@require_safe
def segment_size(request: StaffRequest, pk: int) -> HttpResponse:
    """The size of a stored segment as of now: a fragment of the list."""
    segment = access_segment(actor=request.user, segment_id=pk)
    try:
        with patience():
            size = count_segment(rule=segment.rule, now=timezone.now())
    except RuleRefused:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "campaigns/segments.html#size", {"size": size})


@require_http_methods(["GET", "POST"])
def segment_add(request: StaffRequest) -> HttpResponse:
    """A new segment, from nothing or from a sample."""
    form = SegmentForm(request.POST or None, initial=start_of_draft(request))
    if request.method == "POST" and form.is_valid():
        made = save(
            form,
            lambda: create_segment(
                draft=form.draft,
                key=f"form:{form.cleaned_data['key']}",
                actor_id=request.user.pk,
                now=timezone.now(),
            ),
        )
        if made is not None:
            toast(request, _("The segment is saved."))
            return redirect("campaigns:segment", made.pk)
    return show_form(request, form, {"samples": SAMPLES})


def start_of_draft(request: StaffRequest) -> dict[str, Any]:
    sample = find_sample(request.GET.get("sample", ""))
    if sample is None:
        return {"key": uuid.uuid4()}
    return {"key": uuid.uuid4(), "name": sample.name, "rule": sample.rule}


@require_http_methods(["GET", "POST"])
def segment_change(request: StaffRequest, pk: int) -> HttpResponse:
    """The same editor for a segment that stands."""
    segment = access_segment(actor=request.user, segment_id=pk)
    initial = {
        "key": uuid.uuid4(),
        "name": segment.name,
        "rule": segment.rule,
        "seen_at": segment.updated_at,
    }
    form = SegmentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changed = save(form, lambda: change(request, segment, form))
        if changed is not None:
            toast(request, _("The segment is saved."))
            return redirect("campaigns:segment", pk)
    context = {"segment": segment, "scenarios": list_scenarios_of(segment_id=pk)}
    return show_form(request, form, context)


def change(request: StaffRequest, segment: Segment, form: SegmentForm) -> Segment:
    seen_at: datetime = form.cleaned_data["seen_at"] or segment.updated_at
    return change_segment(
        segment_id=segment.pk,
        draft=form.draft,
        seen_at=seen_at,
        actor_id=request.user.pk,
        now=timezone.now(),
    )


def save(form: SegmentForm, act: Callable[[], Segment]) -> Segment | None:
    """Do it, or put the refusal into the form."""
    try:
        return act()
    except Refused as refused:
        put_refusal(form, refused)
        return None


def show_form(request: StaffRequest, form: SegmentForm, context: dict[str, Any]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "campaigns/segment_form.html", {"form": form, **context}, status=status)


@require_POST
def segment_copy(request: StaffRequest, pk: int) -> HttpResponse:
    access_segment(actor=request.user, segment_id=pk)
    copied = copy_segment(
        segment_id=pk,
        key=f"copy:{_read_key(request)}",
        actor_id=request.user.pk,
        now=timezone.now(),
    )
    toast(request, _("This is the copy: give it a name and change the rule."))
    return redirect("campaigns:segment_change", copied.pk)


def _read_key(request: StaffRequest) -> uuid.UUID:
    """What tells a double click; whatever else was sent is a request of its own."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


@require_POST
def segment_archive(request: StaffRequest, pk: int) -> HttpResponse:
    access_segment(actor=request.user, segment_id=pk)
    try:
        archive_segment(segment_id=pk, actor_id=request.user.pk, now=timezone.now())
    except Refused as refused:
        toast(request, str(refused), level=messages.ERROR)
        return redirect("campaigns:segment", pk)
    back = reverse("campaigns:segment_restore", args=[pk])
    toast(request, _("The segment is in the archive."), undo=back)
    return redirect("campaigns:segments")


@require_POST
def segment_restore(request: StaffRequest, pk: int) -> HttpResponse:
    access_segment(actor=request.user, segment_id=pk)
    restore_segment(segment_id=pk, actor_id=request.user.pk, now=timezone.now())
    toast(request, _("The segment is back."))
    return redirect("campaigns:segment", pk)


@require_POST
def segment_count(request: StaffRequest) -> HttpResponse:
    """How many a draft of a rule picks, and each of its conditions alone: for the rule builder.

    400 with `faults` (path, text) when the rule does not read yet, 503 when counting takes too
    long.
    """
    now = timezone.now()
    try:
        rule = load_rule(request.POST.get("rule", ""))
        with patience():
            size = count_segment(rule=rule, now=now)
            alone = count_conditions(rule=rule, now=now)
    except RuleRefused as refused:
        return JsonResponse(refused.details, status=refused.status)
    answer = {
        "members": size.members,
        "base": size.base,
        "share": size.share,
        "figure": format_number(size.members),
        "rest": say_rest(size),
        "alone": {path: format_number(count) for path, count in alone.items()},
    }
    return JsonResponse(answer)
