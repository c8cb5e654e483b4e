"""What the law adds to a marketing text: a warning (38-FZ art. 24) and a way out (art. 18)."""

WARNING = {
    "ru": "Имеются противопоказания. Необходима консультация специалиста.",
    "en": "There are contraindications. Consult a specialist.",
}
WAY_OUT = {"ru": "Отписаться", "en": "Unsubscribe"}


def list_sms_lines(*, unsubscribe_url: str, language: str) -> list[str]:
    """Return the lines that follow the text of a marketing SMS; e-mail has them in its footer."""
    return [WARNING[language], f"{WAY_OUT[language]}: {unsubscribe_url}"]
