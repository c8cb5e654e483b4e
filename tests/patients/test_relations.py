from datetime import UTC, datetime

import pytest

from outbox.models import Event
from patients.actions import RelativeIsSelf, relate_patients, separate_patients
from patients.models import Relation
from tests.factories import make_patient

NOW = datetime(2026, 12, 1, 7, tzinfo=UTC)


def kinds() -> set[tuple[int, int, str]]:
    return set(Relation.objects.values_list("patient_id", "relative_id", "kind"))


def test_a_mother_of_a_child_is_noted_on_both_cards(db: None) -> None:
    child, mother = make_patient(), make_patient()

    relate_patients(
        patient_id=child.pk, relative_id=mother.pk, kind="PARENT", actor_id=None, now=NOW
    )

    assert kinds() == {(child.pk, mother.pk, "PARENT"), (mother.pk, child.pk, "CHILD")}
    assert list(Event.objects.order_by("id").values_list("patient_id", flat=True)) == [
        child.pk,
        mother.pk,
    ]


def test_noting_it_twice_changes_nothing(db: None) -> None:
    one, other = make_patient(), make_patient()

    for _ in range(2):
        relate_patients(
            patient_id=one.pk, relative_id=other.pk, kind="SPOUSE", actor_id=None, now=NOW
        )

    assert len(kinds()) == 2
    assert Event.objects.count() == 2


def test_a_mistake_is_corrected_on_both_cards(db: None) -> None:
    one, other = make_patient(), make_patient()
    relate_patients(patient_id=one.pk, relative_id=other.pk, kind="OTHER", actor_id=None, now=NOW)

    relate_patients(patient_id=other.pk, relative_id=one.pk, kind="CHILD", actor_id=None, now=NOW)

    assert kinds() == {(one.pk, other.pk, "PARENT"), (other.pk, one.pk, "CHILD")}


def test_nobody_is_his_own_relative(db: None) -> None:
    patient = make_patient()

    with pytest.raises(RelativeIsSelf):
        relate_patients(
            patient_id=patient.pk, relative_id=patient.pk, kind="OTHER", actor_id=None, now=NOW
        )

    assert kinds() == set()


def test_separating_forgets_both_sides(db: None) -> None:
    one, other, third = make_patient(), make_patient(), make_patient()
    relate_patients(patient_id=one.pk, relative_id=other.pk, kind="SPOUSE", actor_id=None, now=NOW)
    relate_patients(patient_id=one.pk, relative_id=third.pk, kind="CHILD", actor_id=None, now=NOW)

    separate_patients(patient_id=other.pk, relative_id=one.pk, actor_id=None, now=NOW)
    separate_patients(patient_id=other.pk, relative_id=one.pk, actor_id=None, now=NOW)

    assert kinds() == {(one.pk, third.pk, "CHILD"), (third.pk, one.pk, "PARENT")}
    assert Event.objects.count() == 6
