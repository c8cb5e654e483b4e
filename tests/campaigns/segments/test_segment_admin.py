import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Segment
from clinic.models import User
from tests.campaigns.segments.factories import WOMEN, make_running_scenario, make_segment

pytestmark = pytest.mark.django_db

LIST = reverse("admin:campaigns_segment_changelist")


@pytest.fixture
def office(client_for: Callable[[User], Client], marina: User) -> Client:
    """Marina in the administration, into which `is_staff` lets her."""
    marina.is_staff = True
    marina.save()
    return client_for(marina)


def form(**fields: Any) -> dict[str, Any]:
    return {"name": "Женщины", "rule": json.dumps(WOMEN), "seen_at": ""} | fields


def test_the_form_has_the_rule_builder(office: Client) -> None:
    page = office.get(reverse("admin:campaigns_segment_add")).content.decode()

    assert "data-rule-builder" in page
    assert 'src="/static/campaigns/rule-builder.js"' in page


def test_a_segment_is_made_by_the_action(office: Client, marina: User) -> None:
    office.post(reverse("admin:campaigns_segment_add"), form())

    segment = Segment.objects.get()
    assert (segment.name, segment.rule, segment.author) == ("Женщины", WOMEN, marina)


def test_a_segment_is_changed_unless_somebody_was_faster(office: Client) -> None:
    segment = make_segment()
    address = reverse("admin:campaigns_segment_change", args=[segment.pk])
    seen_at = segment.updated_at.isoformat()

    first = office.post(address, form(name="Первый", seen_at=seen_at))
    second = office.post(address, form(name="Второй", seen_at=seen_at))

    assert (first.status_code, second.status_code) == (302, 200)
    assert "изменил коллега" in second.content.decode()
    assert Segment.objects.get().name == "Первый"


def test_faults_are_told_in_the_form(office: Client) -> None:
    make_segment(name="Занято")

    taken = office.post(reverse("admin:campaigns_segment_add"), form(name="занято"))
    broken = office.post(reverse("admin:campaigns_segment_add"), form(rule='{"any": []}'))

    assert "Сегмент с таким названием уже есть" in taken.content.decode()
    assert "Группа пуста" in broken.content.decode()
    assert Segment.objects.count() == 1


def test_chosen_segments_are_archived_and_restored(office: Client) -> None:
    free, used = make_segment(), make_segment()
    make_running_scenario(used)
    chosen = {"_selected_action": [free.pk, used.pk]}

    office.post(LIST, {"action": "put_away", **chosen})
    free.refresh_from_db()
    used.refresh_from_db()
    assert (free.archived_at is None, used.archived_at is None) == (False, True)

    office.post(LIST, {"action": "take_out", **chosen})
    free.refresh_from_db()
    assert free.archived_at is None


def test_the_way_to_the_segments_leads_through_the_first_page(office: Client) -> None:
    page = office.get(reverse("admin:index")).content.decode()
    menu = office.get(reverse("campaigns:segments")).content.decode()

    assert f'href="{LIST}"' in page
    assert f'href="{reverse("admin:index")}"' in menu
    assert office.get(reverse("admin:app_list", args=["campaigns"])).status_code == 200


def test_nothing_else_of_the_administration_is_open(office: Client) -> None:
    page = office.get(reverse("admin:index")).content.decode()

    assert reverse("admin:clinic_user_changelist") not in page
    assert office.get(reverse("admin:clinic_user_changelist")).status_code == 403
    assert office.get(reverse("admin:app_list", args=["clinic"])).status_code == 404


def test_without_the_mark_of_the_staff_the_door_is_not_even_shown(
    client_for: Callable[[User], Client], marina: User
) -> None:
    menu = client_for(marina).get(reverse("campaigns:segments")).content.decode()

    assert reverse("admin:index") not in menu
