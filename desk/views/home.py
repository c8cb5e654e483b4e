from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clinic.http import StaffRequest
from desk.menu import find_home


@require_safe
def show_home(request: StaffRequest) -> HttpResponse:
    """Each role begins on its own page; someone without a role learns whom to ask."""
    page = find_home(request.user)
    return redirect(page) if page else render(request, "desk/no_role.html")
