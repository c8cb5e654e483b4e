from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.days import today_at
from clinic.http import StaffRequest
from desk.queries.absence_year import get_absence_year
from desk.views.closures import read_year


@require_safe
def show_year(request: StaffRequest) -> HttpResponse:
    """The absences of a year (`?year=`), people down and days across; it prints on one sheet."""
    today = today_at(request.branch, now=timezone.now())
    year = read_year(request, today.year)
    context = {"chart": get_absence_year(branch=request.branch, year=year, today=today)}
    template = "desk/schedule/year.html"
    return render(request, f"{template}#year" if request.htmx else template, context)
