from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from clinic.models import Setting
from patients.models import ConsentText

FALLBACK = "ru"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The newest wording of a consent, as the patient is to see it."""

    version: int
    body: str


def list_wordings(*, language: str) -> Mapping[tuple[str, str], Wording]:
    """Return the wording in force by (purpose, channel), Russian where there is no translation."""
    operator = Setting.load().legal_name or settings.CLINIC_NAME
    newest = (
        ConsentText.objects.filter(language__in={language, FALLBACK})
        .order_by("purpose", "channel", "language", "-version")
        .distinct("purpose", "channel", "language")
    )
    by_preference = sorted(newest, key=lambda text: text.language == language)
    return {
        (text.purpose, text.channel): Wording(
            version=text.version, body=text.body.replace("{operator}", operator)
        )
        for text in by_preference
    }
