from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.http import StaffRequest, address_of
from clinic.toasts import toast
from documents.actions import STANDARD_NAME, make_document, upload_template
from documents.answers import send
from documents.filling import fill, sample
from documents.forms import MakeForm, UploadForm
from documents.models import Document, DocumentKind, DocumentTemplate
from documents.preview import draw
from documents.queries import (
    access_document,
    find_latest,
    find_template,
    list_changes,
    list_documents,
    list_wordings,
)
from documents.standard import build
from documents.words import LINE, WORDS
from outbox.errors import Refused
from patients.actions import record_access
from patients.doors import open_patient
from patients.models import AccessAction
from patients.queries import access_patient

ON_PAGE = 30


@require_safe
@transaction.atomic
def documents(request: StaffRequest, patient_id: int) -> HttpResponse:
    """What was printed for the patient, and a contract when there is none."""
    now = timezone.now()
    patient = open_patient(request, patient_id=patient_id, actor=request.user, now=now)
    page = Paginator(list_documents(patient_id=patient.pk), ON_PAGE).get_page(
        request.GET.get("page")
    )
    contract = find_latest(kind=DocumentKind.CONTRACT, patient_id=patient.pk, appointment_id=None)
    context = {"patient": patient, "page": page, "contract": contract}
    return render(request, "documents/documents.html", context)


@require_POST
def make(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Fill a document in and show it; the one that was made before, if there is."""
    patient = access_patient(actor=request.user, patient_id=patient_id)
    form = MakeForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        made = make_document(
            order=form.read(patient_id=patient.pk, branch_id=request.branch.pk),
            actor_id=request.user.pk,
            now=timezone.now(),
        )
    except Refused as refusal:
        toast(request, str(refusal), level=messages.ERROR)
        return redirect("documents:documents", patient.pk)
    return redirect("documents:document", made.pk)


@require_safe
@transaction.atomic
def document(request: StaffRequest, document_id: int) -> HttpResponse:
    """The document as it was made, ready to print, and what has changed since."""
    now = timezone.now()
    found = access_document(actor=request.user, document_id=document_id)
    _journal(request, found, AccessAction.PRINTED, "documents:document")
    latest = find_latest(
        kind=found.kind, patient_id=found.patient_id, appointment_id=found.appointment_id
    )
    newest = find_template(kind=found.kind)
    context = {
        "document": found,
        "paper": draw(bytes(found.content)),
        "changes": list_changes(found, now=now),
        "is_latest": latest is not None and latest.pk == found.pk,
        "newest": newest if newest is not None and newest.pk != found.template_id else None,
    }
    return render(request, "documents/document.html", context)


@require_safe
@transaction.atomic
def document_file(request: StaffRequest, document_id: int) -> HttpResponse:
    found = access_document(actor=request.user, document_id=document_id)
    _journal(request, found, AccessAction.EXPORTED, "documents:file")
    return send(bytes(found.content), f"{found.kind.lower()}-{found.number}.docx")


@require_safe
def templates(request: StaffRequest) -> HttpResponse:
    """The wordings of the clinic with their versions, and the words they may use."""
    context = {"wordings": list_wordings(), "words": WORDS, "line": LINE}
    return render(request, "documents/templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: StaffRequest, kind: str) -> HttpResponse:
    """Put in a new version; what is wrong with it is said next to the file."""
    label = _label_of(kind)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            written = upload_template(
                kind=kind,
                name=file.name,
                content=file.read(),
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            told = {"what": label, "version": written.version}
            toast(request, _("%(what)s: version %(version)s is used from now on.") % told)
            return redirect("documents:templates")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "kind": kind, "label": label}
    return render(request, "documents/upload.html", context, status=status)


@require_safe
def template_file(request: StaffRequest, template_id: int) -> HttpResponse:
    found = get_object_or_404(DocumentTemplate, pk=template_id)
    return send(bytes(found.content), f"{found.kind.lower()}-v{found.version}.docx")


@require_safe
def standard_file(request: StaffRequest, kind: str) -> HttpResponse:
    """The wording that the product comes with, to begin one's own with."""
    _label_of(kind)
    return send(build(kind), f"{kind.lower()}-{STANDARD_NAME}")


@require_safe
def sample_page(request: StaffRequest, kind: str) -> HttpResponse:
    """The current wording with the names of the words in their places."""
    label = _label_of(kind)
    current = find_template(kind=kind)
    content = bytes(current.content) if current else build(kind)
    context = {"paper": draw(fill(content, sample())), "label": label, "current": current}
    return render(request, "documents/sample.html", context)


def _label_of(kind: str) -> str:
    if kind not in DocumentKind.values:
        raise Http404
    label = str(DocumentKind(kind).label)
    return label[0].upper() + label[1:]


def _journal(request: StaffRequest, found: Document, action: str, place: str) -> None:
    record_access(
        patient_id=found.patient_id,
        actor_id=request.user.pk,
        action=action,
        place=place,
        ip=address_of(request),
        now=timezone.now(),
    )
