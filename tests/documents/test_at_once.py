"""Many clicks and many patients at once: no number twice, none left out."""

from functools import partial

import pytest

from documents.actions import DocumentOrder, make_document
from documents.models import Document
from tests.documents.conftest import NOON
from tests.factories import Clinic, make_patient
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_numbers_run_without_gaps_and_clicks_do_not_count(clinic: Clinic) -> None:
    patients = [make_patient().pk for _number in range(3)]
    orders = [
        DocumentOrder(kind="CONTRACT", patient_id=patient_id, branch_id=clinic.branch.pk)
        for patient_id in patients
        for _click in range(2)
    ]

    run_at_once([partial(make_document, order=order, actor_id=None, now=NOON) for order in orders])

    made = Document.objects.order_by("number").values_list("number", flat=True)
    assert list(made) == [1, 2, 3]
    assert set(Document.objects.values_list("patient", flat=True)) == set(patients)
