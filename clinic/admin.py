"""The catalogues of the clinic, kept by whoever looks after the system."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.actions import Issued, issue_token, lock_employee, renew_token, revoke_token
from clinic.models import (
    Branch,
    Device,
    Employee,
    Integration,
    OwnTerms,
    Role,
    Room,
    Service,
    Setting,
    Shift,
    TimeOff,
    User,
)

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


class IntegrationForm(forms.ModelForm):  # type: ignore[type-arg]  # the same
    role = forms.ChoiceField(
        label=_("role"), choices=Role, help_text=_("What the system may do: the same as a person.")
    )

    class Meta:
        model = Integration
        fields = ("name",)


@admin.register(Integration)
class IntegrationPage(Catalogue):
    """Other systems and their tokens. A token is shown once, at the moment it is issued."""

    form = IntegrationForm
    list_display = ("name", "role", "issued_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    actions = ("renew", "revoke")

    @admin.display(description=_("role"))
    def role(self, integration: Integration) -> str:
        return integration.user.get_role_display()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        issued = issue_token(
            name=form.cleaned_data["name"],
            role=Role(form.cleaned_data["role"]),
            now=timezone.now(),
        )
        obj.pk = issued.integration.pk
        self._show(request, issued)

    @admin.action(description=_("Issue another token"))
    def renew(self, request: HttpRequest, chosen: QuerySet[Integration]) -> None:
        for integration in chosen:
            self._show(request, renew_token(integration_id=integration.pk, now=timezone.now()))

    @admin.action(description=_("Revoke the token"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[Integration]) -> None:
        for integration in chosen:
            revoke_token(integration_id=integration.pk, now=timezone.now())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The actions are open; the row itself is not edited."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _show(self, request: HttpRequest, issued: Issued) -> None:
        told = _("Token of “%(name)s”, shown only this once: %(token)s") % {
            "name": issued.integration.name,
            "token": issued.token,
        }
        self.message_user(request, told, messages.WARNING)


@admin.register(Branch)
class BranchPage(Catalogue):
    list_display = ("name", "city", "address", "time_zone", "opens_at", "closes_at", "is_active")
    search_fields = ("name", "city")


@admin.register(Room)
class RoomPage(Catalogue):
    list_display = ("name", "branch", "capacity", "is_active")
    list_filter = ("branch", "is_active")
    list_select_related = ("branch",)
    search_fields = ("name",)


@admin.register(Device)
class DevicePage(RoomPage):
    """Listed as the rooms are."""


@admin.register(Service)
class ServicePage(Catalogue):
    list_display = ("name", "kind", "duration", "price", "is_online", "is_active")
    list_filter = ("kind", "is_online", "is_active")
    search_fields = ("name",)
    filter_horizontal = ("rooms", "devices")
    fieldsets = (
        (None, {"fields": ("name", "kind", "duration", "price", "rooms", "devices", "is_active")}),
        (_("Around the visit"), {"fields": ("buffer_before", "buffer_after", "buffer_in_room")}),
        (
            _("When it is booked"),
            {"fields": ("is_online", "notice", "horizon_days", "cancel_cutoff")},
        ),
        (_("Repeat visits"), {"fields": ("repeat_price", "repeat_days", "repeat_with")}),
        (_("For the patient"), {"fields": ("preparation",)}),
    )


class OwnTermsTable(admin.TabularInline):  # type: ignore[type-arg]  # the same
    model = OwnTerms
    extra = 0
    autocomplete_fields = ("service",)


@admin.register(Employee)
class EmployeePage(Catalogue):
    list_display = ("full_name", "position", "user", "is_active")
    list_filter = ("branches", "is_active")
    list_select_related = ("user",)
    search_fields = ("last_name", "first_name")
    autocomplete_fields = ("user",)
    filter_horizontal = ("branches", "services")
    inlines = (OwnTermsTable,)


class ShiftForm(forms.ModelForm):  # type: ignore[type-arg]  # the same
    """Waits for whoever plans the same employee, so that an overlap is seen and told."""

    class Meta:
        model = Shift
        fields = ("employee", "branch", "starts_at", "ends_at")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if employee := told.get("employee"):
            lock_employee(employee.pk)
        return told


@admin.register(Shift)
class ShiftPage(Catalogue):
    form = ShiftForm
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
