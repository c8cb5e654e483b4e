from dataclasses import dataclass, replace

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from clinic.http import StaffRequest
from clinic.models import User
from clinic.names import fold
from desk.forms.patients import PatientFilterForm
from desk.queries.patient_list import ListRow, list_patients
from patients.doors import note_shown
from patients.phones import mask_phone
from patients.queries import (
    PatientRow,
    find_patients,
    list_visible_patients,
    read_wanted,
    sees_contacts,
)

HITS = 8


@require_safe
def list_all(request: StaffRequest) -> HttpResponse:
    """The patients by name: all of them, a doctor's own for a doctor."""
    now = timezone.now()
    form = PatientFilterForm(request.GET)
    is_open = sees_contacts(request.user)
    wanted = replace(form.read(), by_part_of_phone=is_open)
    page = list_patients(among=list_visible_patients(actor=request.user), wanted=wanted, now=now)
    note_shown(request, patient_ids=[row.id for row in page.rows], actor=request.user, now=now)
    if not is_open:
        page = replace(page, rows=[_mask(row) for row in page.rows])
    context = {
        "page": page,
        "filters": form,
        "wanted": wanted,
        "today": now.astimezone(request.branch.zone).date(),
    }
    template = "desk/patients/list.html"
    return render(request, f"{template}#rows" if request.htmx else template, context)


def _mask(row: ListRow) -> ListRow:
    return replace(row, phone=mask_phone(row.phone) if row.phone else "")


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A search result: the name cut so that what was typed can be marked."""

    row: PatientRow
    phone: str
    parts: tuple[tuple[str, bool], ...]


@require_safe
def search(request: StaffRequest) -> HttpResponse:
    """The results under the search box; without a script, the list of patients."""
    text = request.GET.get("q", "")[:100].strip()
    if not request.htmx:
        query = urlencode({"q": text})
        return HttpResponseRedirect(f"{reverse('desk:patients')}?{query}")
    among = list_visible_patients(actor=request.user)
    rows = find_patients(
        text=text,
        limit=HITS + 1,
        among=among,
        by_part_of_phone=sees_contacts(request.user),
    )
    shown = [row.id for row in rows[:HITS]]
    note_shown(request, patient_ids=shown, actor=request.user, now=timezone.now())
    words = read_wanted(text).words
    context = {
        "text": text,
        "hits": [_hit(row, words, request.user) for row in rows[:HITS]],
        "has_more": len(rows) > HITS,
    }
    return render(request, "desk/patients/search.html", context)


def _hit(row: PatientRow, words: tuple[str, ...], user: User) -> Hit:
    phone = row.phone if sees_contacts(user) or not row.phone else mask_phone(row.phone)
    return Hit(row=row, phone=phone, parts=tuple(_cut(row.full_name, words)))


def _cut(name: str, words: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Cut the name into pieces that were typed and pieces that were not."""
    folded = "".join(fold(sign) or " " for sign in name)
    if len(folded) != len(name):
        return [(name, False)]
    typed = [False] * len(name)
    for word in words:
        start = folded.find(word)
        if start >= 0:
            typed[start : start + len(word)] = [True] * len(word)
    parts: list[tuple[str, bool]] = []
    for sign, is_typed in zip(name, typed, strict=True):
        if parts and parts[-1][1] == is_typed:
            parts[-1] = (parts[-1][0] + sign, is_typed)
        else:
            parts.append((sign, is_typed))
    return parts
