from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from clinic.formats import format_money, format_number, format_roubles
from clinic.http import StaffRequest, close_dialog
from clinic.models import Setting
from clinic.names import fold
from clinic.toasts import toast
from clinic.words import spell_roubles
from outbox.errors import Refused
from packages.actions import (
    freeze_package,
    put_on_sale,
    refund_package,
    save_type,
    sell_package,
    share_package,
    take_off_sale,
    transfer_package,
    unfreeze_package,
)
from packages.codes import read_code
from packages.forms import (
    KeyForm,
    PackageFilterForm,
    PartFormSet,
    RefundForm,
    SaleForm,
    TransferForm,
    TypeForm,
    initial_parts,
    initial_terms,
    read_parts,
)
from packages.models import LIVE, PackageType
from packages.queries import (
    IN_USE,
    Overview,
    PackageFilter,
    access_package,
    describe,
    filter_packages,
    get_overview,
    list_entries,
    list_on_sale,
    list_payments,
    list_types,
    quote_refund,
)
from patients.doors import open_patient
from patients.models import AccessAction
from patients.queries import access_patient

PAGE_SIZE = 30
CHANGED = "packages-changed"
TYPES_CHANGED = "package-types-changed"


@dataclass(frozen=True)
class Tile:
    """A figure that opens its rows."""

    figure: str
    label: str
    icon: str
    tone: str
    href: str = ""
    note: str = ""
    is_current: bool = False


@require_safe
def packages(request: StaffRequest) -> HttpResponse:
    """The packages sold: what was taken, what is still owed, whose end is near."""
    now = timezone.now()
    filters = PackageFilterForm(request.GET)
    wanted = _read_filter(filters)
    page = Paginator(filter_packages(by=wanted, now=now), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [(row, describe(row, patient_id=row.patient_id, now=now)) for row in page]
    context = {
        "filters": filters,
        "page": page,
        "rows": rows,
        "is_narrowed": wanted != PackageFilter(),
    }
    if not request.htmx:
        context["tiles"] = _list_tiles(get_overview(now=now), wanted)
    template = "packages/packages.html"
    return render(request, f"{template}#rows" if request.htmx else template, context)


def _read_filter(form: PackageFilterForm) -> PackageFilter:
    form.full_clean()
    told = form.cleaned_data
    text = told.get("text", "")
    return PackageFilter(
        name_key=fold(text),
        code=read_code(text),
        status=told.get("status", ""),
        type_id=told["kind"].pk if told.get("kind") else None,
        is_recent=bool(told.get("recent")),
        is_ending=bool(told.get("ending")),
    )


def _list_tiles(overview: Overview, wanted: PackageFilter) -> list[Tile]:
    month = _("in 30 days")
    return [
        Tile(
            *(format_number(overview.sold), pgettext("packages", "sold"), "ticket", "accent"),
            href="?recent=on",
            note=month,
            is_current=wanted.is_recent,
        ),
        Tile(
            format_roubles(overview.taken), _("taken, less refunds"), "cash", "success", note=month
        ),
        Tile(
            *(format_number(overview.live), _("in use"), "clock", "info"),
            href=f"?status={IN_USE}",
            note=_("%(n)s sessions still owed") % {"n": format_number(overview.sessions)},
            is_current=wanted.status == IN_USE,
        ),
        Tile(
            *(format_number(overview.ending), _("end within 14 days"), "hourglass", "warning"),
            href="?ending=on",
            is_current=wanted.is_ending,
        ),
    ]


@require_safe
@transaction.atomic
def package(request: StaffRequest, package_id: int) -> HttpResponse:
    """One package: what is left, until when, its terms, its money, every entry."""
    now = timezone.now()
    found = access_package(actor=request.user, package_id=package_id)
    patient = open_patient(request, patient_id=found.patient_id, actor=request.user, now=now)
    page = Paginator(list_entries(package_id=found.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "package": found,
        "patient": patient,
        "holding": describe(found, patient_id=patient.pk, now=now),
        "payments": list_payments(package_id=found.pk),
        "is_live": found.status in LIVE,
        "freeze_left": found.freeze_days - found.frozen_days,
        "key": KeyForm(),
        "page": page,
    }
    template = "packages/package.html"
    return render(request, f"{template}#body" if request.htmx else template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def sell(request: StaffRequest, patient_id: int) -> HttpResponse:
    """A dialog on the card and at check-out; what was sold opens at once, its paper a tap away.

    From an open check-out (`?to=…`) the way leads back to it: the package can pay there.
    """
    patient = access_patient(actor=request.user, patient_id=patient_id)
    form = SaleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            sold = sell_package(
                order=form.read(patient_id=patient.pk, branch_id=request.branch.pk),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("kind", str(refusal))
        else:
            toast(request, _say_sold(sold.name, form.change))
            back = request.GET.get("to", "")
            is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
            sold_page = reverse("packages:package", args=[sold.pk])
            return HttpResponseClientRedirect(back if back and is_ours else sold_page)
    context = {"form": form, "patient": patient, "kinds": list_on_sale()}
    return render(request, "packages/sell.html", context, status=_status_of(form))


def _say_sold(name: str, change: Decimal) -> str:
    told = _("The package is sold: %(name)s.") % {"name": name}
    if not change:
        return told
    return f"{told} {_('Give change: %(sum)s.') % {'sum': format_money(change)}}"


@require_POST
def freeze(request: StaffRequest, package_id: int) -> HttpResponse:
    access_package(actor=request.user, package_id=package_id)
    form = KeyForm(request.POST)
    key = str(form.cleaned_data["key"]) if form.is_valid() else request.POST.get("key", "")[:50]
    try:
        freeze_package(package_id=package_id, key=key, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        return _say_refusal(request, refusal)
    toast(
        request,
        _("The package is frozen: its term stands still."),
        undo=reverse("packages:unfreeze", args=[package_id]),
    )
    return close_dialog(CHANGED)


@require_POST
def unfreeze(request: StaffRequest, package_id: int) -> HttpResponse:
    access_package(actor=request.user, package_id=package_id)
    try:
        unfreeze_package(package_id=package_id, actor_id=request.user.pk, now=timezone.now())
    except Refused as refusal:
        return _say_refusal(request, refusal)
    toast(request, _("The term goes on."))
    return close_dialog(CHANGED)


@require_POST
def share(request: StaffRequest, package_id: int) -> HttpResponse:
    """Let the family use it (`family=1`), or no longer."""
    access_package(actor=request.user, package_id=package_id)
    is_family = request.POST.get("family") == "1"
    try:
        share_package(
            package_id=package_id,
            is_family=is_family,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
    except Refused as refusal:
        return _say_refusal(request, refusal)
    told = _("The family may use the package.") if is_family else _("Only the owner may use it.")
    toast(request, told)
    return close_dialog(CHANGED)


@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: StaffRequest, package_id: int) -> HttpResponse:
    found = access_package(actor=request.user, package_id=package_id)
    form = TransferForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        receiver = access_patient(actor=request.user, patient_id=form.cleaned_data["relative"])
        try:
            transfer_package(
                package_id=found.pk,
                to_patient_id=receiver.pk,
                key=str(form.cleaned_data["key"]),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("relative", str(refusal))
        else:
            toast(request, _("The package is now of %(name)s.") % {"name": receiver.full_name})
            return close_dialog(CHANGED)
    context = {"form": form, "package": found}
    return render(request, "packages/transfer.html", context, status=_status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: StaffRequest, package_id: int) -> HttpResponse:
    """Show how the sum comes about, then give it back."""
    found = access_package(actor=request.user, package_id=package_id)
    form = RefundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            back = refund_package(
                package_id=found.pk,
                key=str(form.cleaned_data["key"]),
                reason=form.cleaned_data["reason"],
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("reason", str(refusal))
        else:
            toast(request, _("Given back: %(sum)s.") % {"sum": format_money(back)})
            return close_dialog(CHANGED)
    context = {"form": form, "package": found, "quote": quote_refund(package=found)}
    return render(request, "packages/refund.html", context, status=_status_of(form))


@require_safe
@transaction.atomic
def slip(request: StaffRequest, package_id: int) -> HttpResponse:
    """The paper for the buyer: terms, code, what is left; in Russian whatever reception speaks."""
    now = timezone.now()
    found = access_package(actor=request.user, package_id=package_id)
    patient = open_patient(
        request,
        patient_id=found.patient_id,
        actor=request.user,
        now=now,
        action=AccessAction.PRINTED,
    )
    with translation.override("ru"):
        rows = [row.prepayment for row in list_payments(package_id=found.pk)]
        paid = sum((row.amount for row in rows if row.amount > 0), Decimal(0))
        context = {
            "package": found,
            "patient": patient,
            "holding": describe(found, patient_id=patient.pk, now=now),
            "payments": rows,
            "in_words": spell_roubles(paid),
            "clinic": Setting.load(),
            "printed_at": now,
        }
        return render(request, "packages/slip.html", context)


@require_safe
def types(request: StaffRequest) -> HttpResponse:
    """What can be bought."""
    template = "packages/types.html"
    context = {"types": list_types()}
    return render(request, f"{template}#rows" if request.htmx else template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def type_add(request: StaffRequest) -> HttpResponse:
    return _edit_type(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def type_edit(request: StaffRequest, type_id: int) -> HttpResponse:
    return _edit_type(request, get_object_or_404(PackageType, pk=type_id))


def _edit_type(request: StaffRequest, found: PackageType | None) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = TypeForm(posted, initial=initial_terms(found) if found else None)
    parts = PartFormSet(posted, prefix="parts", initial=initial_parts(found) if found else None)
    if posted is not None and form.is_valid() & parts.is_valid():
        try:
            save_type(rule=form.read(read_parts(parts)), type_id=found.pk if found else None)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _("The package is saved. It holds for sales from now on."))
            return close_dialog(TYPES_CHANGED)
    is_wrong = posted is not None
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    context = {"form": form, "parts": parts, "kind": found}
    return render(request, "packages/type.html", context, status=status)


@require_POST
def type_sale(request: StaffRequest, type_id: int) -> HttpResponse:
    """Put it on sale (`on=1`), or take it off."""
    kind = get_object_or_404(PackageType, pk=type_id)
    if request.POST.get("on") == "1":
        put_on_sale(type_id=kind.pk)
        toast(request, _("On sale again: %(name)s.") % {"name": kind.name})
    else:
        take_off_sale(type_id=kind.pk)
        toast(request, _("Off sale: %(name)s. Those sold go on.") % {"name": kind.name})
    return close_dialog(TYPES_CHANGED)


def _say_refusal(request: StaffRequest, refusal: Refused) -> HttpResponse:
    toast(request, str(refusal), level=messages.ERROR)
    return close_dialog(CHANGED)


def _status_of(form: Any) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
