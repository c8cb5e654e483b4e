"""What the law adds to a marketing text: a warning (38-FZ art. 24) and a way out (art. 18)."""

from clinic.models import Setting

WARNING = {
    "ru": "Имеются противопоказания. Необходима консультация специалиста.",
    "en": "There are contraindications. Consult a specialist.",
}
SHORT_WARNING = {
    "ru": "Есть противопоказания. Нужна консультация специалиста.",
    "en": "There are contraindications. Consult a specialist.",
}
"""For an SMS, where each letter is paid for."""

WAY_OUT = {"ru": "Отписаться", "en": "Unsubscribe"}


def list_sms_lines(*, unsubscribe_url: str, language: str) -> list[str]:
    """Return the lines that follow the text of a marketing SMS; e-mail has them in its footer."""
    return [SHORT_WARNING[language], f"{WAY_OUT[language]}: {unsubscribe_url}"]


def list_footer(*, setting: Setting, is_marketing: bool, language: str) -> tuple[str, ...]:
    """Return the lines under an e-mail: who writes, the licence and the warning under marketing."""
    lines = [setting.legal_name]
    if is_marketing:
        lines += [setting.license, WARNING[language]]
    return tuple(filter(None, lines))
