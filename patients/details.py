"""What the edges hand to the actions."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from hashlib import sha256

from patients.models import Attitude, Channel, ContactOwner, Patient


@dataclass(frozen=True, kw_only=True)
class ContactDetails:
    """A phone as people write it, or an e-mail. The first of a kind is the main one anyway."""

    kind: str
    value: str
    owner: str = ContactOwner.OWN
    is_primary: bool = False
    is_valid: bool = True


@dataclass(frozen=True, kw_only=True)
class PatientDetails:
    """All that a card says of a person. `contacts=None` leaves the contacts as they are."""

    last_name: str
    first_name: str
    middle_name: str = ""
    birth_on: date | None = None
    sex: str = ""
    branch_id: int | None = None
    source_id: int | None = None
    channel: str = Channel.SMS
    language: str = "ru"
    status: str = Attitude.NONE
    refusal_reason: str = ""
    note: str = ""
    is_reachable: bool = True
    contacts: Sequence[ContactDetails] | None = None


def details_of(patient: Patient) -> PatientDetails:
    """Return what the card says now, its contacts left as they are: to change one thing of it."""
    return PatientDetails(
        last_name=patient.last_name,
        first_name=patient.first_name,
        middle_name=patient.middle_name,
        birth_on=patient.birth_on,
        sex=patient.sex,
        branch_id=patient.branch_id,
        source_id=patient.source_id,
        channel=patient.channel,
        language=patient.language,
        status=patient.status,
        refusal_reason=patient.refusal_reason,
        note=patient.note,
        is_reachable=patient.is_reachable,
    )


def seal_card(patient: Patient) -> str:
    """Return a mark of all that the card says, contacts too, which changes when it does."""
    columns = ("kind", "value", "owner", "is_primary", "is_valid")
    contacts = patient.contacts.order_by("kind", "value").values_list(*columns)
    said = [*map(str, astuple(details_of(patient))), *map(repr, contacts)]
    return sha256("\n".join(said).encode()).hexdigest()
