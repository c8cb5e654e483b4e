from collections.abc import Callable

import pytest
from django.test import Client

from clinic.models import User
from patients.models import Patient, Relation
from tests.factories import make_patient

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def child(db: None) -> Patient:
    return make_patient(last_name="Малышев", phone="+79161234567")


@pytest.fixture
def mother(db: None) -> Patient:
    return make_patient(last_name="Малышева", phone="+79161234567")


@pytest.fixture
def desk(olga: User, client_for: SignIn) -> Client:
    return client_for(olga)


def test_a_relative_is_found_and_noted(desk: Client, child: Patient, mother: Patient) -> None:
    found = desk.get(f"/patients/pick/?find=малышев&not={child.pk}", headers=HTMX)
    assert f'name="relative" value="{mother.pk}"' in found.content.decode()
    assert f'value="{child.pk}"' not in found.content.decode()

    response = desk.post(
        f"/patients/{child.pk}/relations/new/",
        {"relative": mother.pk, "kind": "PARENT"},
        headers=HTMX,
    )

    assert response.status_code == 204
    assert set(Relation.objects.values_list("patient", "kind")) == {
        (child.pk, "PARENT"),
        (mother.pk, "CHILD"),
    }


@pytest.mark.parametrize(
    ("relative", "status"), [("", 422), ("self", 422), ("999999", 404), ("x", 422)]
)
def test_nobody_chosen_or_oneself_is_refused(
    desk: Client, child: Patient, relative: str, status: int
) -> None:
    chosen = str(child.pk) if relative == "self" else relative

    response = desk.post(
        f"/patients/{child.pk}/relations/new/", {"relative": chosen, "kind": "PARENT"}, headers=HTMX
    )

    assert response.status_code == status
    assert not Relation.objects.exists()


def test_a_relation_is_removed_from_both(desk: Client, child: Patient, mother: Patient) -> None:
    desk.post(f"/patients/{child.pk}/relations/new/", {"relative": mother.pk, "kind": "PARENT"})

    response = desk.post(f"/patients/{mother.pk}/relations/{child.pk}/remove/", {}, headers=HTMX)

    assert response.status_code == 204
    assert not Relation.objects.exists()
