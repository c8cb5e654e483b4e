"""A few pages beside the real ones, on which the parts of the shell can be tried."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import URLPattern, URLResolver, path

from clinic.access import SIGNED_IN, AccessTable
from clinic.http import close_dialog
from clinic.toasts import toast
from clinic_crm.access import ACCESS
from clinic_crm.urls import handler400, handler403, handler404, handler500
from clinic_crm.urls import urlpatterns as real

__all__ = ["handler400", "handler403", "handler404", "handler500"]

PAGE = """{% extends "base.html" %}{% block title %}Сцена{% endblock %}
{% block content %}
  <button hx-get="/stage/dialog/" hx-target="#dialog">Открыть</button>
  <button hx-post="/stage/undo/" hx-swap="none">Коснуться</button>
  <button hx-post="/stage/undo/" hx-swap="none" hx-confirm="Удалить?">Удалить</button>
  <button hx-get="/stage/broken/" hx-swap="none">Сломать</button>
  <p id="changes" hx-get="/stage/changes/" hx-trigger="calls-changed from:body">нет</p>
{% endblock %}"""
DIALOG = """{% extends "base_dialog.html" %}{% block title %}Звонок{% endblock %}"""
HITS = """<a class="search-hit" role="option" href="/stage/?first">Анна</a>
<a class="search-hit" role="option" href="/stage/?second">Борис</a>"""


class Call(forms.Form):
    name = forms.CharField(label="Имя")
    phone = forms.CharField(label="Телефон", min_length=5)


def show(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


def dialog(request: HttpRequest) -> HttpResponse:
    form = Call(request.POST or None)
    if form.is_valid():
        toast(request, "Записано", undo="/stage/undo/")
        return close_dialog("calls-changed")
    page = engines["django"].from_string(DIALOG).render({"form": form}, request)
    return HttpResponse(page, status=422 if form.is_bound else 200)


def undo(request: HttpRequest) -> HttpResponse:
    toast(request, "Вернули как было")
    return HttpResponse(status=204)


def changes(request: HttpRequest) -> HttpResponse:
    return HttpResponse("есть")


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse(HITS if request.GET["q"] else "")


stage = [
    path("stage/", show, name="stage"),
    path("stage/dialog/", dialog, name="stage-dialog"),
    path("stage/undo/", undo, name="stage-undo"),
    path("stage/changes/", changes, name="stage-changes"),
    path("stage/broken/", broken, name="stage-broken"),
    path("stage/search/", search, name="stage-search"),
]
urlpatterns: list[URLPattern | URLResolver] = [*stage, *real]

TABLE: AccessTable = {**ACCESS, **{str(url.name): SIGNED_IN for url in stage}}
