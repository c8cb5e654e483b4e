"""The slot search against an oracle that walks the day minute by minute."""

import pytest
from django.db import transaction
from hypothesis import event, given, settings

from appointments.queries import Slot, SlotQuery, Wish, find_fit, list_free_slots
from tests.appointments.slot_oracle import Oracle, Plan, World, build, plans


def wish_for(slot: Slot, world: World) -> Wish:
    return Wish(
        service_id=world.service.pk,
        employee_id=slot.employee_id,
        branch_id=slot.branch_id,
        patient_id=world.patient.pk,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )


@pytest.mark.django_db
@settings(max_examples=100, deadline=None)
@given(plan=plans())
def test_the_search_finds_what_the_oracle_finds(plan: Plan) -> None:
    with transaction.atomic():
        world = build(plan)
        query = SlotQuery(
            service_id=world.service.pk,
            from_at=plan.moment(plan.from_minute),
            until_at=plan.moment(plan.until_minute),
            patient_id=world.patient.pk,
            by_patient=plan.by_patient,
            limit=5000,
        )

        found = list_free_slots(query=query, now=plan.moment(plan.now_minute))

        event("something is free" if found else "nothing is free")
        assert found == Oracle(plan, world).list_slots()
        for slot in found[:: max(1, len(found) // 5)]:
            assert find_fit(wish=wish_for(slot, world)) is not None
        transaction.set_rollback(True)
