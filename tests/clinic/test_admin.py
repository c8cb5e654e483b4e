import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from clinic.models import Role, Setting, User
from tests.factories import DAY, make_clinic

OURS = [model for model in admin.site._registry if model._meta.app_label == "clinic"]


@pytest.fixture
def root(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("page", ["changelist", "add"])
def test_every_catalogue_opens(root: Client, model: type[Model], page: str) -> None:
    make_clinic()

    response = root.get(reverse(f"admin:clinic_{model._meta.model_name}_{page}"))

    assert response.status_code == 200


def test_a_colleague_is_taken_on_with_a_role(root: Client) -> None:
    password = "Snow-in-July-26"
    answers = {
        "username": "anna",
        "role": Role.DOCTOR,
        "password1": password,
        "password2": password,
        "usable_password": "true",
    }

    root.post(reverse("admin:clinic_user_add"), answers)

    anna = User.objects.get(username="anna")
    assert anna.role == Role.DOCTOR
    assert anna.check_password(password)
    assert not anna.is_superuser


def test_a_shift_over_another_is_refused_in_words(root: Client) -> None:
    clinic = make_clinic()
    shifts = clinic.doctor.shifts.count()
    answers = {
        "employee": clinic.doctor.pk,
        "branch": clinic.branch.pk,
        "starts_at_0": DAY.strftime("%d.%m.%Y"),
        "starts_at_1": "10:00",
        "ends_at_0": DAY.strftime("%d.%m.%Y"),
        "ends_at_1": "12:00",
    }

    page = root.post(reverse("admin:clinic_shift_add"), answers).content.decode()

    assert "в это время уже есть смена" in page
    assert clinic.doctor.shifts.count() == shifts


def test_there_is_one_row_of_settings(root: Client) -> None:
    Setting(pk=1).save()

    assert root.get(reverse("admin:clinic_setting_add")).status_code == 403
