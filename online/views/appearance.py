"""What the pages are dressed with: the clinic's colour, photos, the script for another site."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from online.colours import write_theme
from online.models import OnlineSetting, Profile

YEAR = 365 * 24 * 60 * 60


@require_safe
@cache_control(public=True, max_age=300)
def theme(request: HttpRequest) -> HttpResponse:
    accent = OnlineSetting.load().accent
    sheet = write_theme(accent) if accent else ""
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=300)
def embed(request: HttpRequest) -> HttpResponse:
    """The script for the clinic's own site: it makes the frame and keeps it high enough."""
    return render(request, "online/embed.js", content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def photo(request: HttpRequest, mark: str) -> HttpResponse:
    """A photo of somebody whom patients may choose; its address changes with it."""
    found = Profile.objects.filter(
        photo_mark=mark, photo__isnull=False, is_shown=True, employee__is_active=True
    ).first()
    if found is None:
        raise Http404
    return HttpResponse(bytes(found.photo or b""), content_type="image/webp")
