from dataclasses import dataclass
from typing import ClassVar

from outbox.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class DocumentMade(DomainEvent):
    """A contract, an act or a consent was filled in; `kind` is a `DocumentKind` code."""

    name: ClassVar[str] = "documents.DocumentMade"
    patient_id: int
    document_id: int
    kind: str
    number: int
    appointment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TemplateUploaded(DomainEvent):
    """The clinic put in a new version of its wording."""

    name: ClassVar[str] = "documents.TemplateUploaded"
    patient_id: None = None
    template_id: int
    kind: str
    version: int
