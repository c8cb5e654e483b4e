from datetime import timedelta
from http import HTTPStatus
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from clinic.actions import remember_branch
from clinic.forms import PasswordForm, SignInForm
from clinic.queries import DemoLogin, find_branch, list_demo_logins
from clinic.toasts import toast


class SignIn(auth_views.LoginView):
    template_name = "clinic/sign_in.html"
    form_class = SignInForm
    form: SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Whoever has never chosen a branch begins at the first one offered, and stays there."""
        user = form.get_user()
        branch = find_branch(user=user, chosen=[user.last_branch_id])
        if branch is not None and branch.pk != user.last_branch_id:
            remember_branch(user_id=user.pk, branch_id=branch.pk)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **describe_demo())


class ChangePassword(auth_views.PasswordChangeView):
    template_name = "clinic/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("desk:home")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        toast(self.request, _("The password is changed."))
        return super().form_valid(form)


def show_locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many wrong passwords: axes asks for this page instead of another try."""
    pause = get_cool_off(request) or timedelta()
    context = {
        "form": SignInForm(request),
        "locked_minutes": int(pause.total_seconds() // 60),
        **describe_demo(),
    }
    return render(request, "clinic/sign_in.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)


def describe_demo() -> dict[str, Any]:
    """The cards of the demo clinic, where one click signs in; nothing in a real one."""
    logins: list[DemoLogin] = list_demo_logins() if settings.DEMO_PASSWORD else []
    return {"demo_logins": logins, "demo_password": settings.DEMO_PASSWORD}
