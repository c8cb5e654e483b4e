from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.formats import format_number
from clinic.http import StaffRequest, close_dialog
from clinic.models import Setting
from clinic.names import fold
from clinic.toasts import toast
from loyalty.actions import adjust_points, remove_tier, save_tier
from loyalty.forms import AdjustForm, LedgerFilterForm, TierForm
from loyalty.models import PointKind, Tier
from loyalty.queries import (
    EntryFilter,
    Month,
    Programme,
    filter_entries,
    get_balance,
    get_programme,
    list_entries,
    list_months,
    list_tiers,
)
from outbox.errors import Refused
from patients.doors import open_patient
from patients.queries import access_patient

PAGE_SIZE = 30
TIERS_CHANGED = "tiers-changed"
POINTS_CHANGED = "points-changed"


@dataclass(frozen=True)
class Tile:
    """A figure that opens its rows, or says what the programme owes."""

    figure: str
    label: str
    icon: str
    tone: str
    href: str = ""
    note: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Bar:
    """A month of the picture; lengths are per cent of the largest figure."""

    month: Month
    first_day: date
    earned: int
    spent: int
    expired: int


@require_safe
def points(request: StaffRequest) -> HttpResponse:
    """What the programme issued, what was spent and what expired; its tiers; its ledger."""
    now, zone = timezone.now(), request.branch.zone
    filters = LedgerFilterForm(request.GET)
    wanted = _read_filter(filters)
    page = Paginator(filter_entries(by=wanted, zone=zone), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {"filters": filters, "page": page, "is_narrowed": wanted != EntryFilter()}
    if not request.htmx:
        months = list_months(zone=zone, now=now)
        context |= {
            "tiles": _list_tiles(months, get_programme(now=now), current=wanted.kind),
            "bars": _draw(months),
            "tiers": list_tiers(),
            "share_percent": int(Setting.load().points_share * 100),
        }
    template = "loyalty/points.html"
    return render(request, f"{template}#rows" if request.htmx else template, context)


def _read_filter(form: LedgerFilterForm) -> EntryFilter:
    form.full_clean()
    told = form.cleaned_data
    return EntryFilter(
        kind=told.get("kind", ""),
        month=told.get("month", ""),
        patient_key=fold(told.get("text", "")),
    )


def _list_tiles(months: list[Month], programme: Programme, *, current: str) -> list[Tile]:
    year = _("in 12 months")
    earned, spent, expired = (
        sum(sums) for sums in zip(*((m.earned, m.spent, m.expired) for m in months), strict=True)
    )
    sums = {
        PointKind.EARNED: (earned, pgettext("points", "issued"), "gift", "accent"),
        PointKind.SPENT: (spent, _("spent on visits"), "coins", "success"),
        PointKind.EXPIRED: (expired, pgettext("points", "expired"), "hourglass", "neutral"),
    }
    expiring = _("%(n)s patients lose points within 30 days") % {
        "n": format_number(programme.expiring)
    }
    return [
        *(
            Tile(
                *(format_number(figure), label, icon, tone, f"?kind={kind}", year),
                is_current=current == kind,
            )
            for kind, (figure, label, icon, tone) in sums.items()
        ),
        Tile(
            *(format_number(programme.balance), _("on the accounts now"), "wallet", "info"),
            note=expiring if programme.expiring else "",
        ),
    ]


def _draw(months: list[Month]) -> list[Bar]:
    largest = max((max(m.earned, m.spent, m.expired) for m in months), default=0) or 1

    def length(figure: int) -> int:
        return max(0, round(100 * figure / largest))

    return [
        Bar(
            month=month,
            first_day=date.fromisoformat(f"{month.key}-01"),
            earned=length(month.earned),
            spent=length(month.spent),
            expired=length(month.expired),
        )
        for month in months
    ]


@require_safe
@transaction.atomic
def account(request: StaffRequest, patient_id: int) -> HttpResponse:
    """A patient's points: how many, until when, which tier, and every entry."""
    patient = open_patient(request, patient_id=patient_id, actor=request.user, now=timezone.now())
    entries = list_entries(patient_id=patient.pk)
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "patient": patient,
        "balance": get_balance(patient_id=patient.pk),
        "page": page,
    }
    template = "loyalty/account.html"
    return render(request, f"{template}#ledger" if request.htmx else template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: StaffRequest, patient_id: int) -> HttpResponse:
    patient = access_patient(actor=request.user, patient_id=patient_id)
    form = AdjustForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            adjust_points(
                patient_id=patient.pk,
                points=form.cleaned_data["points"],
                note=form.cleaned_data["note"],
                key=str(form.cleaned_data["key"]),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("points", str(refusal))
        else:
            toast(request, _("The points are corrected."))
            return close_dialog(POINTS_CHANGED)
    context = {"form": form, "patient": patient, "balance": get_balance(patient_id=patient.pk)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "loyalty/adjust.html", context, status=status)


@require_safe
def tiers(request: StaffRequest) -> HttpResponse:
    return render(request, "loyalty/points.html#tiers", {"tiers": list_tiers()})


@require_http_methods(["GET", "HEAD", "POST"])
def tier_add(request: StaffRequest) -> HttpResponse:
    return _edit_tier(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def tier(request: StaffRequest, tier_id: int) -> HttpResponse:
    return _edit_tier(request, get_object_or_404(Tier, pk=tier_id))


def _edit_tier(request: StaffRequest, found: Tier | None) -> HttpResponse:
    fields = ("name", "spent_from", "earn_percent", "points_live_days")
    initial = {name: getattr(found, name) for name in fields} if found else None
    form = TierForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            save_tier(rule=form.rule(), tier_id=found.pk if found else None)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _("The tier is saved. It holds for payments from now on."))
            return close_dialog(TIERS_CHANGED)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "loyalty/tier.html", {"form": form, "tier": found}, status=status)


@require_POST
def tier_remove(request: StaffRequest, tier_id: int) -> HttpResponse:
    remove_tier(tier_id=tier_id)
    toast(request, _("The tier is removed."))
    return close_dialog(TIERS_CHANGED)
