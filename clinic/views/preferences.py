from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.actions import remember_branch
from clinic.http import StaffRequest
from clinic.middleware import BRANCH_KEY
from clinic.queries import list_branches
from clinic.toasts import toast


@require_safe
def show_branches(request: StaffRequest) -> HttpResponse:
    """What the branch menu offers."""
    branches = list_branches(user=request.user)
    return render(request, "clinic/branches.html", {"branches": branches})


@require_POST
def switch_branch(request: StaffRequest) -> HttpResponse:
    """Look at another branch from now on, on the page one was on."""
    chosen = request.POST.get("branch", "")
    offered = list_branches(user=request.user)
    branch = next((branch for branch in offered if str(branch.pk) == chosen), None)
    if branch is None:
        toast(request, _("This branch is closed. Choose another."), level=messages.ERROR)
    else:
        request.session[BRANCH_KEY] = branch.pk
        remember_branch(user_id=request.user.pk, branch_id=branch.pk)
    return HttpResponseRedirect(page_to_return_to(request))


def page_to_return_to(request: StaffRequest) -> str:
    """`next` from the form if it leads back into this site, else the home page."""
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else reverse("desk:home")
