from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from clinic.views import preferences, sign_in, texts

app_name = "clinic"

urlpatterns = [
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("password/", sign_in.ChangePassword.as_view(), name="password"),
    path("language/", set_language, name="language"),
    path("texts.js", texts.show_texts, name="texts"),
    path("branch/", preferences.switch_branch, name="branch"),
    path("branches/", preferences.show_branches, name="branches"),
]
