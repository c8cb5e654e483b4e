"""Where the clinic opens online booking and says what patients see."""

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.http import StaffRequest
from clinic.models import Employee, Service
from clinic.toasts import toast
from online.actions import change_profile, change_rules
from online.forms import ProfileForm, SettingForm
from online.models import OnlineSetting, Profile
from online.photos import PhotoRefused


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: StaffRequest) -> HttpResponse:
    setting = OnlineSetting.load()
    is_sent = request.method == "POST"
    form = SettingForm(request.POST if is_sent else None, initial=SettingForm.initial_of(setting))
    if is_sent and form.is_valid():
        change_rules(rules=form.read())
        toast(request, _("Saved. Patients see it at once."))
        return redirect("online:settings")
    context = {
        "form": form,
        "setting": setting,
        "page_url": settings.PUBLIC_URL + reverse("online:start"),
        "script_url": settings.PUBLIC_URL + reverse("online:embed"),
    }
    return render(request, "online/settings.html", context, status=422 if form.errors else 200)


@require_safe
def profiles(request: StaffRequest) -> HttpResponse:
    """Everybody who takes patients, with what patients see of them."""
    online = Service.objects.filter(employees=OuterRef("pk"), is_active=True, is_online=True)
    doctors = (
        Employee.objects.filter(is_active=True, services__isnull=False)
        .select_related("profile")
        .annotate(has_online=Exists(online))
        .order_by("last_name", "first_name", "pk")
        .distinct()
    )
    rows = [(doctor, getattr(doctor, "profile", None) or Profile()) for doctor in doctors]
    return render(request, "online/profiles.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: StaffRequest, employee_id: int) -> HttpResponse:
    employee = get_object_or_404(Employee.objects.select_related("profile"), pk=employee_id)
    known = getattr(employee, "profile", None) or Profile(employee=employee)
    is_sent = request.method == "POST"
    form = ProfileForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial=ProfileForm.initial_of(known),
    )
    if is_sent and form.is_valid():
        try:
            change_profile(employee_id=employee_id, details=form.read())
        except PhotoRefused as refusal:
            form.add_error("photo", str(refusal))
        else:
            toast(request, _("Saved. Patients see it at once."))
            return redirect("online:profiles")
    context = {"form": form, "employee": employee, "profile": known}
    return render(request, "online/profile.html", context, status=422 if form.errors else 200)
