"""The catalogues of the clinic, kept by whoever looks after the system."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Employee, Room, Service, Setting, Shift, TimeOff, User

admin.site.unregister(Group)  # a role says what one may; groups would be a second answer


class Catalogue(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no parameter at run time
    """What all of them share."""

    list_per_page = 50


@admin.register(User)
class UserPage(UserAdmin):  # type: ignore[type-arg]  # the same
    list_display = ("username", "employee", "role", "is_active", "is_superuser")
    list_filter = ("role", "is_active", "is_superuser")
    list_select_related = ("employee",)
    fieldsets = (
        (None, {"fields": ("username", "password", "role", "is_active")}),
        (_("Administration"), {"fields": ("is_staff", "is_superuser")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "role", "password1", "password2")}),
    )
    filter_horizontal = ()


@admin.register(Branch)
class BranchPage(Catalogue):
    list_display = ("name", "city", "address", "time_zone", "opens_at", "closes_at", "is_active")
    search_fields = ("name", "city")


@admin.register(Room)
class RoomPage(Catalogue):
    list_display = ("name", "branch", "is_active")
    list_filter = ("branch", "is_active")
    list_select_related = ("branch",)
    search_fields = ("name",)


@admin.register(Service)
class ServicePage(Catalogue):
    list_display = ("name", "kind", "duration", "price", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name",)
    filter_horizontal = ("rooms",)


@admin.register(Employee)
class EmployeePage(Catalogue):
    list_display = ("full_name", "position", "user", "is_active")
    list_filter = ("branches", "is_active")
    list_select_related = ("user",)
    search_fields = ("last_name", "first_name")
    autocomplete_fields = ("user",)
    filter_horizontal = ("branches", "services")


@admin.register(Shift)
class ShiftPage(Catalogue):
    list_display = ("employee", "branch", "starts_at", "ends_at")
    list_filter = ("branch", "employee")
    list_select_related = ("employee", "branch")
    autocomplete_fields = ("employee",)
    date_hierarchy = "starts_at"


@admin.register(TimeOff)
class TimeOffPage(Catalogue):
    list_display = ("employee", "kind", "starts_at", "ends_at", "note")
    list_filter = ("kind", "employee")
    list_select_related = ("employee",)
    autocomplete_fields = ("employee",)
    date_hierarchy = "starts_at"


@admin.register(Setting)
class SettingPage(Catalogue):
    """The one row there is, or may be."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Setting.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
