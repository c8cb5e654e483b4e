from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clinic.access import may_open
from clinic.http import StaffRequest, read_number
from clinic.models import User
from desk.menu import find_address
from desk.queries.card import get_card
from desk.queries.timeline import Group, list_timeline
from patients.doors import open_patient
from patients.queries import sees_contacts

LINKS = {
    "book": "desk:booking",
    "prescribe": "prescriptions:prescribe",
    "tasks": "worklist:tasks",
    "cases": "feedback:cases",
    "journal": "desk:journal",
    "packages": "packages:packages",
    "waitlist": "waitlist:list",
}

GROUPS = (
    ("", _("Everything")),
    (Group.VISITS, _("Visits and courses")),
    (Group.MONEY, _("Money and points")),
    (Group.OUTREACH, _("Messages and reviews")),
    (Group.WORK, _("Requests and tasks")),
    (Group.CARD, _("Card and consents")),
)


@require_safe
@transaction.atomic
def show_card(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Who it is, how to reach, what is open now, and what has been."""
    now = timezone.now()
    patient = open_patient(request, patient_id=patient_id, actor=request.user, now=now)
    zone = (patient.branch or request.branch).zone
    context = {
        "patient": patient,
        "links": list_links(request.user),
        "card": get_card(patient=patient, actor=request.user, now=now),
        "timeline": list_timeline(patient_id=patient.pk),
        "groups": GROUPS,
        "group": "",
        "zone": zone,
        "now": now,
        "today": now.astimezone(zone).date(),
        "sees_contacts": sees_contacts(request.user),
    }
    return render(request, "desk/card/card.html", context)


def list_links(user: User) -> dict[str, str]:
    """The pages that the card leads to, of those that the user may open."""
    return {
        name: find_address(view_name)
        for name, view_name in LINKS.items()
        if may_open(user, view_name)
    }


@require_safe
@transaction.atomic
def show_timeline(request: StaffRequest, patient_id: int) -> HttpResponse:
    """The timeline narrowed to one group, or its next page."""
    patient = open_patient(request, patient_id=patient_id, actor=request.user, now=timezone.now())
    group, before = request.GET.get("group", ""), read_number(request.GET.get("before", ""))
    group = group if group in list(Group) else ""
    page = list_timeline(patient_id=patient.pk, group=group, before=before)
    context = {
        "patient": patient,
        "timeline": page,
        "groups": GROUPS,
        "group": group,
        "zone": (patient.branch or request.branch).zone,
    }
    template = "timeline" if before is None else "lines"
    return render(request, f"desk/card/timeline.html#{template}", context)
