"""The slot search against an oracle that walks the day minute by minute."""

from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import event, given, settings

from appointments.queries import (
    Slot,
    SlotOrder,
    SlotQuery,
    Wish,
    find_fit,
    list_free_slots,
    list_proposals,
    list_slots_of_days,
)
from tests.appointments.slot_oracle import Oracle
from tests.appointments.slot_plans import RARE, Plan, World, build, plans


def wish_for(slot: Slot, world: World) -> Wish:
    return Wish(
        service_id=world.service.pk,
        employee_id=slot.employee_id,
        branch_id=slot.branch_id,
        patient_id=world.patient.pk,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )


def query_of(plan: Plan, world: World) -> SlotQuery:
    asked = plan.asked
    return SlotQuery(
        service_id=world.service.pk,
        from_at=plan.moment(plan.from_minute),
        until_at=plan.moment(plan.until_minute),
        employee_ids=tuple(world.doctors[number].pk for number in asked.who),
        position=RARE if asked.is_rare else "",
        weekdays=asked.weekdays,
        clock_from=asked.clock_from,
        clock_until=asked.clock_until,
        patient_id=world.patient.pk,
        by_patient=plan.by_patient,
        limit=5000,
    )


@pytest.mark.django_db
@settings(max_examples=100, deadline=None)
@given(plan=plans())
def test_the_search_finds_what_the_oracle_finds(plan: Plan) -> None:
    with transaction.atomic():
        world = build(plan)

        found = list_free_slots(query=query_of(plan, world), now=plan.moment(plan.now_minute))

        event("something is free" if found else "nothing is free")
        assert found == Oracle(plan, world).list_slots()
        for slot in found[:: max(1, len(found) // 5)]:
            assert find_fit(wish=wish_for(slot, world)) is not None
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_the_best_fill_is_that_of_the_oracle(plan: Plan) -> None:
    with transaction.atomic():
        world = build(plan)
        query = replace(query_of(plan, world), order=SlotOrder.BEST_FILL)
        now = plan.moment(plan.now_minute)

        found = list_free_slots(query=query, now=now)
        of_days = list_slots_of_days(query=query, of_day=2, now=now)

        oracle = Oracle(plan, world)
        expected = sorted(oracle.list_slots(), key=oracle.rank)
        assert found == expected
        days: dict[object, list[Slot]] = {}
        for slot in expected:
            on = slot.starts_at.astimezone(world.branch.zone).date()
            days.setdefault((slot.employee_id, on), []).append(slot)
        best = {slot for slots in days.values() for slot in slots[:2]}
        soonest = {min(slots, key=lambda slot: slot.starts_at) for slots in days.values()}
        assert {row.slot for row in of_days} == best | soonest
        assert all(row.waste == oracle.rank(row.slot)[0] for row in of_days)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(plan=plans())
def test_what_is_proposed_is_free_and_begins_with_the_soonest(plan: Plan) -> None:
    with transaction.atomic():
        world = build(plan)
        query, now = query_of(plan, world), plan.moment(plan.now_minute)

        proposed = list_proposals(query=query, now=now, limit=4)

        free = list_free_slots(query=query, now=now)
        assert [one.slot for one in proposed][:1] == free[:1]
        assert [one.is_soonest for one in proposed] == [True, False, False, False][: len(proposed)]
        assert {one.slot for one in proposed} <= set(free)
        assert len({one.slot for one in proposed}) == len(proposed)
        transaction.set_rollback(True)
