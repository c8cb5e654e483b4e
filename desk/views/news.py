"""What changed in the doctor's today and tomorrow, and how he wants to hear of it."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from appointments.actions import issue_feed, mark_news_seen, revoke_feed
from appointments.models import CalendarFeed
from appointments.queries import list_news
from clinic.actions import choose_news_by_mail
from clinic.http import StaffRequest, read_number
from clinic.models import Employee
from desk.forms.notices import NoticesForm
from desk.views.my_day import CHANGED


@require_http_methods(["GET", "HEAD", "POST"])
def show_news(request: StaffRequest) -> HttpResponse:
    """The strip above the day. It asks every few seconds and gets 204 until there is news.

    A POST closes what was read, up to the piece it names.
    """
    now = timezone.now()
    me = get_object_or_404(Employee, user=request.user)
    if request.method == "POST":
        until_id = read_number(request.POST.get("until", "")) or 0
        mark_news_seen(employee_id=me.pk, until_id=until_id, now=now)
    news = list_news(employee_id=me.pk, now=now)
    newest = news[0].pk if news else 0
    if request.method != "POST" and request.GET.get("known") == str(newest):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    response = render(request, "desk/my_day/news.html", {"news": news, "now": now})
    return trigger_client_event(response, CHANGED) if request.method != "POST" else response


@require_http_methods(["GET", "HEAD", "POST"])
def choose_notices(request: StaffRequest) -> HttpResponse:
    """The dialog: news by e-mail, and the address for one's own calendar, shown once."""
    me = get_object_or_404(Employee, user=request.user)
    address = ""
    if request.method == "POST":
        form = NoticesForm(request.POST)
        if form.is_valid():
            choose_news_by_mail(employee_id=me.pk, wanted=form.cleaned_data["mails_news"])
            if form.cleaned_data["feed"] == "issue":
                address = issue_feed(employee_id=me.pk, now=timezone.now())
            elif form.cleaned_data["feed"] == "revoke":
                revoke_feed(employee_id=me.pk)
    me.refresh_from_db()
    context = {
        "me": me,
        "form": NoticesForm(initial={"mails_news": me.mails_news}),
        "address": address,
        "feed": CalendarFeed.objects.filter(employee=me).first(),
        "is_saved": request.method == "POST",
    }
    return render(request, "desk/my_day/notices.html", context)
