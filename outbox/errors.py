"""What an action says when it will not do what was asked."""

from typing import ClassVar

from django.utils.functional import Promise


class Refused(Exception):
    """A refusal that the caller must be able to tell apart and the user to understand.

    `code` is stable and machine-readable (`slot_taken`); `message` is translated and says what
    to do next. Every action derives one class per outcome. `status` is the HTTP status that the
    API answers with; `details` are plain values that the caller may show (nearest free times).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[str | Promise] = ""

    def __init__(self, message: str | Promise | None = None, **details: object) -> None:
        self.text = message if message is not None else self.message
        self.details = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.text)
