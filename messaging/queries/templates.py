from collections.abc import Sequence
from dataclasses import dataclass

from clinic.models import Employee, Service
from clinic.names import fold
from messaging.kinds import KINDS, Kind
from messaging.models import Template
from messaging.rules import Sample, describe_draft, render_sample

GENERIC_POSITIONS = frozenset({"врач", "доктор", "специалист", "doctor", "specialist"})


@dataclass(frozen=True)
class TemplateLine:
    template: Template
    sample: Sample


@dataclass(frozen=True)
class TemplateGroup:
    """The texts of one kind of message, by channel and language."""

    kind: Kind
    lines: Sequence[TemplateLine]


def get_template(*, code: str, channel: str, language: str) -> Template:
    """Return the text in the patient's language, in Russian where it was never translated."""
    texts = {row.language: row for row in Template.objects.filter(code=code, channel=channel)}
    return texts.get(language) or texts["ru"]


def list_templates() -> list[TemplateGroup]:
    """Return every text with a sample of what the patient gets, Russian before English."""
    rows = Template.objects.order_by("-channel", "-language")
    found = [TemplateLine(row, render_sample(describe_draft(row))) for row in rows]
    return [
        TemplateGroup(kind, [line for line in found if line.template.code == code])
        for code, kind in KINDS.items()
    ]


def list_secret_names() -> list[str]:
    """Return what the clinic calls its services and those who render them."""
    services = Service.objects.values_list("name", flat=True)
    positions = Employee.objects.filter(services__isnull=False).values_list("position", flat=True)
    telling = {name for name in positions if fold(name) not in GENERIC_POSITIONS}
    return sorted({*services, *telling})
