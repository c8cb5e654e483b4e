import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from clinic.access import allows, find_rule
from clinic.http import StaffRequest
from clinic.models import Branch
from clinic.permissions import ByAccessTable, name_of_address
from clinic.queries import find_branch
from clinic.toasts import describe_message
from clinic.views.errors import show_forbidden

View = Callable[..., HttpResponseBase]
Next = Callable[[HttpRequest], HttpResponseBase]

BRANCH_KEY = "branch_id"
PROBLEM = "application/problem+json"

logger = logging.getLogger(__name__)


class AccessMiddleware:
    """Default-deny: whoever the access table does not let in gets no further than here."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        address = name_of_address(request)
        rule = find_rule(address)
        if rule is None:
            logger.error("The access table does not name the address %s", address or view)
            return refuse(request)
        if is_checked_by_endpoint(view) or allows(rule, request.user):
            return None
        return refuse(request)


def is_checked_by_endpoint(view: View) -> bool:
    """Endpoints know their user only after the token was read, and ask the same table then."""
    permissions = getattr(getattr(view, "cls", None), "permission_classes", ())
    return ByAccessTable in permissions


def refuse(request: HttpRequest) -> HttpResponseBase:
    """A stranger is asked to sign in, a colleague is told whom to ask, a program gets a code."""
    if wants_problem(request):
        return show_problem(request)
    if request.user.is_authenticated:
        return show_forbidden(request)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    return redirect_to_login(request.get_full_path(), resolve_url("clinic:sign_in"))


def wants_problem(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") and "text/html" not in request.headers.get("Accept", "")


def show_problem(request: HttpRequest) -> HttpResponse:
    known = request.user.is_authenticated
    status = HTTPStatus.FORBIDDEN if known else HTTPStatus.UNAUTHORIZED
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": "permission_denied" if known else "not_authenticated",
        "detail": _("You may not open this address.") if known else _("Sign in or send a token."),
    }
    return JsonResponse(body, status=status, content_type=PROBLEM)


class BranchMiddleware:
    """Gives staff requests their `branch`, read only if somebody asks."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        staff = cast("StaffRequest", request)
        staff.branch = cast("Branch", SimpleLazyObject(lambda: choose_branch(staff)))
        return self.get_response(request)


def choose_branch(request: StaffRequest) -> Branch:
    """The branch chosen in this session, else the one last chosen anywhere, else the first."""
    chosen = [request.session.get(BRANCH_KEY), request.user.last_branch_id]
    branch = find_branch(user=request.user, chosen=chosen)
    if branch is None:
        raise Http404(_("There is no branch yet. Add one in the administration."))
    return branch


class ToastMiddleware:
    """Turns the messages of a view into toasts of the page that htmx is changing.

    Full pages show theirs in the template; a redirect leaves them to the page it leads to.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and is_fragment(request, response):
            notes = [describe_message(message) for message in get_messages(request)]
            if notes:
                trigger_client_event(response, "toasts", {"notes": notes})
        return response


def is_fragment(request: HttpRequest, response: HttpResponse) -> bool:
    leaves = {"HX-Redirect", "HX-Refresh", "HX-Location", "Location"}
    return "HX-Request" in request.headers and not any(name in response for name in leaves)
