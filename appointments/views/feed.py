from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from appointments.calendars import write_feed
from appointments.queries import find_feed_owner, list_feed


@require_safe
@never_cache
def read(request: HttpRequest, token: str) -> HttpResponse:
    """The visits of the employee whose secret address this is, for his own calendar."""
    employee = find_feed_owner(token=token)
    if employee is None:
        raise Http404
    now = timezone.now()
    content = write_feed(list_feed(employee=employee, now=now), now=now)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")
