"""The people of a segment, and why they are in it.

Whoever is shown people leaves a row in the access journal for each of them, written before the
page is.
"""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.queries.segments import (
    Rule,
    access_segment,
    count_segment,
    explain_member,
    list_members,
    list_scenarios_of,
    pick_among,
    read_members,
)
from campaigns.segments.patience import CountTooSlow, patience
from campaigns.segments.rules import RuleInvalid, RuleRefused, load_rule
from campaigns.segments.words import OptionNames, describe_rule
from clinic.http import StaffRequest, address_of
from clinic.permissions import name_of_address
from patients.actions import record_accesses
from patients.doors import note_shown
from patients.models import AccessAction
from patients.queries import access_patient, find_patients, sees_contacts

ON_PAGE = 50
IN_PREVIEW = 20
MOST_FOUND = 8


@require_safe
def segment(request: StaffRequest, pk: int) -> HttpResponse:
    """One segment: its rule in words, its size now, its people page by page."""
    found = access_segment(actor=request.user, segment_id=pk)
    context: dict[str, Any] = {
        "segment": found,
        "scenarios": list_scenarios_of(segment_id=pk),
        "zone": request.branch.zone,
    }
    try:
        context |= read_page(request, found.rule, now=timezone.now())
    except RuleRefused as refused:
        context |= {"faults": refused.faults, "is_slow": isinstance(refused, CountTooSlow)}
    template = "campaigns/segment.html#members" if request.htmx else "campaigns/segment.html"
    return render(request, template, context)


def read_page(request: StaffRequest, rule: Rule, *, now: datetime) -> dict[str, Any]:
    with patience():
        paginator = Paginator(list_members(rule=rule, now=now), ON_PAGE)
        size = count_segment(rule=rule, now=now)
        paginator.count = size.members  # counted already
        page = paginator.get_page(request.GET.get("page"))
        members = read_members(page.object_list, actor=request.user)
    record_seen(request, [member.id for member in members], now=now)
    return {
        "rule": describe_rule(rule, names=OptionNames()),
        "size": size,
        "page": page,
        "members": members,
        "today": timezone.localdate(now),
    }


def record_seen(request: StaffRequest, patient_ids: Iterable[int], *, now: datetime) -> None:
    record_accesses(
        patient_ids=list(patient_ids),
        actor_id=request.user.pk,
        action=AccessAction.LISTED,
        place=name_of_address(request),
        ip=address_of(request),
        now=now,
    )


@require_POST
def segment_preview(request: StaffRequest) -> HttpResponse:
    """The first people whom a draft of a rule picks."""
    try:
        context = read_preview(request, now=timezone.now())
    except RuleRefused as refused:
        return show_faults(request, refused)
    return render(request, "campaigns/segment_preview.html", context)


def read_preview(request: StaffRequest, *, now: datetime) -> dict[str, Any]:
    rule = load_rule(request.POST.get("rule", ""))
    with patience():
        size = count_segment(rule=rule, now=now)
        members = read_members(list_members(rule=rule, now=now)[:IN_PREVIEW], actor=request.user)
    record_seen(request, [member.id for member in members], now=now)
    zone, today = request.branch.zone, timezone.localdate(now)
    return {"members": members, "size": size, "zone": zone, "today": today}


def show_faults(request: StaffRequest, refused: RuleRefused) -> HttpResponse:
    context = {"faults": refused.faults, "is_slow": isinstance(refused, CountTooSlow)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "campaigns/segment_faults.html", context, status=status)


@require_safe
def segment_why(request: StaffRequest, pk: int, patient_id: int) -> HttpResponse:
    """Why a patient is in a stored segment or not: a dialog."""
    found = access_segment(actor=request.user, segment_id=pk)
    try:
        return explain(request, found.rule, patient_id)
    except RuleInvalid as refused:
        return show_faults(request, refused)


@require_POST
def draft_why(request: StaffRequest, patient_id: int) -> HttpResponse:
    """The same for a rule that is not saved yet."""
    try:
        return explain(request, load_rule(request.POST.get("rule", "")), patient_id)
    except RuleInvalid as refused:
        return show_faults(request, refused)


def explain(request: StaffRequest, rule: Rule, patient_id: int) -> HttpResponse:
    now = timezone.now()
    patient = access_patient(actor=request.user, patient_id=patient_id)
    verdict = explain_member(rule=rule, patient_id=patient.pk, now=now)
    record_seen(request, [patient.pk], now=now)
    context = {"patient": patient, "verdict": verdict}
    return render(request, "campaigns/segment_why.html", context)


@require_safe
def segment_check(request: StaffRequest, pk: int) -> HttpResponse:
    """Patients found by a text, each with whether the segment picks him: a fragment."""
    found = access_segment(actor=request.user, segment_id=pk)
    text = request.GET.get("q", "").strip()
    by_part_of_phone = sees_contacts(request.user)
    people = find_patients(text=text, limit=MOST_FOUND, by_part_of_phone=by_part_of_phone)
    now = timezone.now()
    ids = [person.id for person in people]
    context = {
        "segment": found,
        "text": text,
        "people": people,
        "inside": pick_among(rule=found.rule, patient_ids=ids, now=now),
    }
    note_shown(request, patient_ids=ids, actor=request.user, now=now)
    return render(request, "campaigns/segment.html#checked", context)
