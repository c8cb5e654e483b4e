from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from clinic.http import StaffRequest, address_of, read_number
from clinic.toasts import toast
from intake.actions import (
    continue_import,
    decide_rows,
    discard_import,
    map_columns,
    open_import,
    remap_import,
    start_import,
    stop_import,
    undo_import,
)
from intake.exports import write_refused
from intake.forms import MappingForm, UploadForm
from intake.models import Import, ImportStatus, RowDecision
from intake.queries import (
    AT_WORK,
    SHOWS,
    ImportFigures,
    access_import,
    count_rows,
    describe_rows,
    list_imports,
    list_rows,
)
from intake.tables import WrongFile
from intake.tables.base import WRONG_FILES
from outbox.errors import Refused
from patients.actions import record_accesses
from patients.models import AccessAction

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: StaffRequest) -> HttpResponse:
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        uploaded = form.cleaned_data["file"]
        try:
            file, is_new = open_import(
                file_name=uploaded.name,
                content=uploaded.read(),
                branch_id=request.branch.pk,
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except WrongFile as refusal:
            form.add_error("file", str(refusal))
        else:
            if not is_new:
                toast(request, _("This file has been uploaded before."), level=messages.INFO)
            return redirect("intake:import", file.pk)
    page = Paginator(list_imports(), PAGE_SIZE).get_page(request.GET.get("page"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "intake/imports.html", {"form": form, "page": page}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def show_import(request: StaffRequest, import_id: int) -> HttpResponse:
    """One page for the whole way: columns, check, decisions, progress, result, undo."""
    file = access_import(actor=request.user, import_id=import_id)
    if file.status == ImportStatus.UPLOADED:
        return _show_mapping(request, file)
    if request.htmx and file.status not in AT_WORK:
        return HttpResponseClientRefresh()
    if request.htmx:
        context = {"file": file, **_describe_progress(file, count_rows(file))}
        return render(request, "intake/import.html#progress", context)
    return _show_state(request, file)


def _show_mapping(request: StaffRequest, file: Import) -> HttpResponse:
    form = MappingForm(request.POST if request.method == "POST" else None, file=file)
    if form.is_valid():
        try:
            map_columns(import_id=file.pk, mapping=form.mapping(), rules=form.rules())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("intake:import", file.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"file": file, "form": form}
    return render(request, "intake/import_mapping.html", context, status=status)


def _show_state(request: StaffRequest, file: Import) -> HttpResponse:
    figures = count_rows(file)
    show = request.GET.get("show", "")
    if show not in SHOWS:
        show = _choose_show(figures)
    page = Paginator(list_rows(file, show=show), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "file": file,
        "figures": figures,
        "show": show,
        "page": page,
        "lines": describe_rows(page.object_list),
        "error": WRONG_FILES.get(file.error, _("Something went wrong in our program.")),
        **_describe_progress(file, figures),
    }
    return render(request, "intake/import.html", context)


def _choose_show(figures: ImportFigures) -> str:
    for show in ("stays", "doubtful", "refused"):
        if getattr(figures, show):
            return show
    return "new" if figures.new else "same"


def _describe_progress(file: Import, figures: ImportFigures) -> dict[str, Any]:
    return {"is_at_work": file.status in AT_WORK, "percent": figures.progress(file.status)}


@require_POST
def import_decide(request: StaffRequest, import_id: int) -> HttpResponse:
    """`number` names one person in doubt; without it everybody not decided yet."""
    access_import(actor=request.user, import_id=import_id)
    told, decision = request.POST.get("number", ""), request.POST.get("decision", "")
    number = read_number(told)
    if decision not in RowDecision.values or (told and number is None):
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    numbers = None if number is None else [number]
    return _do(request, import_id, decide_rows, numbers=numbers, decision=decision)


@require_POST
def import_start(request: StaffRequest, import_id: int) -> HttpResponse:
    return _do(request, import_id, start_import)


@require_POST
def import_stop(request: StaffRequest, import_id: int) -> HttpResponse:
    return _do(request, import_id, stop_import)


@require_POST
def import_continue(request: StaffRequest, import_id: int) -> HttpResponse:
    return _do(request, import_id, continue_import)


@require_POST
def import_remap(request: StaffRequest, import_id: int) -> HttpResponse:
    return _do(request, import_id, remap_import)


@require_POST
def import_undo(request: StaffRequest, import_id: int) -> HttpResponse:
    return _do(request, import_id, undo_import)


@require_POST
def import_discard(request: StaffRequest, import_id: int) -> HttpResponse:
    access_import(actor=request.user, import_id=import_id)
    try:
        discard_import(import_id=import_id)
    except Refused as refusal:
        toast(request, refusal.text, level=messages.ERROR)
        return redirect("intake:import", import_id)
    toast(request, _("The file is forgotten; nothing was imported from it."))
    return redirect("intake:imports")


def _do(
    request: StaffRequest, import_id: int, action: Callable[..., object], **told: object
) -> HttpResponse:
    access_import(actor=request.user, import_id=import_id)
    try:
        action(import_id=import_id, **told)
    except Refused as refusal:
        toast(request, refusal.text, level=messages.ERROR)
    return redirect("intake:import", import_id)


@require_safe
def import_refused(request: StaffRequest, import_id: int) -> HttpResponse:
    """The rows that were refused, or that an undo left, as a file."""
    file = access_import(actor=request.user, import_id=import_id)
    show = "stays" if file.status == ImportStatus.UNDONE else "refused"
    rows = list(list_rows(file, show=show))
    record_accesses(
        patient_ids={row.patient_id for row in rows if row.patient_id},
        actor_id=request.user.pk,
        action=AccessAction.EXPORTED,
        place="intake:import_refused",
        ip=address_of(request),
        now=timezone.now(),
    )
    response = HttpResponse(write_refused(file, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{file.pk}-{show}.csv"'
    return response
