from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clinic.admin import Catalogue
from patients.models import ConsentText, Source


@admin.register(Source)
class SourcePage(Catalogue):
    list_display = ("name", "code", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")


@admin.register(ConsentText)
class ConsentTextPage(Catalogue):
    """A wording is never changed: a new one is the next version."""

    list_display = ("purpose", "channel", "language", "version", "body")
    list_filter = ("purpose", "channel", "language")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
