import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import docx
import pytest

from appointments.models import Appointment
from clinic.models import Branch, Setting
from desk.actions.check_out import CheckOutOrder, check_out
from tests.factories import Clinic, make_appointment, make_clinic

NOON = datetime.fromisoformat("2026-12-01T12:00+03:00")

Writer = Callable[..., bytes]


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    Setting.objects.update_or_create(
        pk=1, defaults={"legal_name": "ООО «Опора»", "signatory": "директора И. И. Петрова"}
    )
    return make_clinic(branch=moscow)


@pytest.fixture
def done(clinic: Clinic) -> Appointment:
    """A finished visit of 2500, paid by card but for 500."""
    appointment = make_appointment(clinic, "09:00")
    order = CheckOutOrder(lines=None, key="order-key", card=Decimal(2000))
    check_out(appointment_id=appointment.pk, order=order, actor_id=None, now=NOON)
    appointment.refresh_from_db()
    return appointment


def write_docx(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read_docx(content: "bytes | memoryview[int]") -> str:
    document = docx.Document(io.BytesIO(bytes(content)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])
