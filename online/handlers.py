from datetime import datetime

from messaging.guard import still_wanted
from online.actions import SUBJECT_KIND, why_code_is_not_wanted


@still_wanted(SUBJECT_KIND)
def is_code_wanted(*, subject_id: int, mark: str, now: datetime) -> str:
    return why_code_is_not_wanted(code_id=subject_id, now=now)
