from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.http import StaffRequest
from clinic.models import Setting
from clinic.toasts import toast
from messaging.actions import TextRefused, edit_template
from messaging.forms import TemplateForm
from messaging.gateways import Letter
from messaging.kinds import KINDS, VARIABLES
from messaging.legal import list_footer
from messaging.letters import write_html
from messaging.models import Purpose, Template
from messaging.queries import list_secret_names, list_templates
from messaging.rules import SAMPLE_WAY_OUT, Draft, describe_draft, list_problems, render_sample
from messaging.texts import TextBroken

REVISIONS_SHOWN = 10
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
"""A letter is for mail programs: inline styles, nothing else. It shows only inside our own page."""


@require_safe
def templates(request: StaffRequest) -> HttpResponse:
    """All texts by what they say, with a sample of each."""
    return render(request, "messaging/templates.html", {"groups": list_templates()})


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: StaffRequest, template_id: int) -> HttpResponse:
    """The editor of one text; what cannot be saved says why and loses nothing typed."""
    found = get_object_or_404(Template, pk=template_id)
    form = TemplateForm(request.POST if request.method == "POST" else None, template=found)
    if form.is_valid():
        try:
            edit_template(
                template_id=found.pk,
                subject=form.cleaned_data.get("subject", ""),
                body=form.cleaned_data["body"],
                actor_id=request.user.pk,
                now=timezone.now(),
            )
        except TextRefused as refusal:
            for problem in refusal.problems:
                form.add_error(problem.field, problem.text)
        else:
            toast(request, _("The text is saved. Messages already written keep the old one."))
            return redirect("messaging:templates")
    kind = KINDS[found.code]
    context = {
        "template": found,
        "kind": kind,
        "form": form,
        "variables": [
            (name, VARIABLES[name].label, VARIABLES[name].sample[found.language])
            for name in VARIABLES
            if name in kind.known
        ],
        "preview": _preview(_read_draft(found, form)),
        "revisions": found.revisions.select_related("replaced_by").order_by("-id")[
            :REVISIONS_SHOWN
        ],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "messaging/template.html", context, status=status)


@require_POST
def template_preview(request: StaffRequest, template_id: int) -> HttpResponse:
    """What the text typed so far would look like, what it costs, and what is wrong with it."""
    found = get_object_or_404(Template, pk=template_id)
    draft = _read_draft(found, TemplateForm(request.POST, template=found))
    context = {"template": found, "preview": _preview(draft)}
    return render(request, "messaging/template.html#preview", context)


@require_POST
@xframe_options_sameorigin
def template_letter(request: StaffRequest, template_id: int) -> HttpResponse:
    """The e-mail typed so far as a mail program shows it."""
    found = get_object_or_404(Template, pk=template_id)
    draft = _read_draft(found, TemplateForm(request.POST, template=found))
    headers = {"Content-Security-Policy": LETTER_POLICY}
    try:
        return HttpResponse(_write_sample_letter(draft), headers=headers)
    except TextBroken as error:
        return HttpResponse(str(error), "text/plain; charset=utf-8", headers=headers)


def _read_draft(template: Template, form: TemplateForm) -> Draft:
    """What is typed, good or not; the text as it stands where nothing is."""
    return describe_draft(
        template,
        subject=str(form["subject"].value() or "") if "subject" in form.fields else "",
        body=str(form["body"].value() or ""),
    )


def _preview(draft: Draft) -> dict[str, object]:
    problems = list_problems(draft, names=list_secret_names())
    try:
        sample = render_sample(draft)
    except TextBroken:
        sample = None
    return {"problems": problems, "sample": sample}


def _write_sample_letter(draft: Draft) -> str:
    """Raises `TextBroken`."""
    sample = render_sample(draft)
    is_marketing = KINDS[draft.kind].purpose == Purpose.MARKETING
    letter = Letter(
        id=0,
        address="",
        subject=sample.subject,
        body=sample.body,
        language=draft.language,
        footer=list_footer(
            setting=Setting.load(), is_marketing=is_marketing, language=draft.language
        ),
        unsubscribe_url=SAMPLE_WAY_OUT if is_marketing else "",
    )
    return write_html(letter, clinic_name=settings.CLINIC_NAME)
