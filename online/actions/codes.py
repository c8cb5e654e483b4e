"""The code that proves whose a phone is."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from messaging.actions import CodeDraft, Subject, queue_code
from messaging.parts import count_parts
from online.actions.limits import Visitor, count_deed
from online.models import MOST_TRIES, Attempt, Code, Deed, OnlineSetting
from online.secrets import hash_code, is_code, make_code
from outbox.errors import Refused
from patients.models import Channel

CODE_LIVES = timedelta(minutes=10)
SUBJECT_KIND = "online_code"


class CodeWrong(Refused):
    code = "code_wrong"
    status = 422
    message = _("This is not the code. Check the figures, or ask for a new one.")


class CodeOver(Refused):
    """Expired, used, or guessed at too often."""

    code = "code_over"
    status = 422
    message = _("This code no longer works. Ask for a new one.")


@transaction.atomic
def send_code(*, attempt: Attempt, address: str | None, now: datetime) -> Code:
    """Send a code to the attempt's contact; codes before it stop working.

    The same is done, and takes as long, for the phone of a patient and for any other. Raises
    `TooOften`, `CodesUsedUp`.
    """
    setting = OnlineSetting.load()
    visitor = Visitor(address=address, contact=attempt.contact)
    cost = setting.code_price if setting.code_channel == Channel.SMS else Decimal(0)
    trace = count_deed(deed=Deed.CODE, visitor=visitor, cost=cost, now=now)
    attempt.codes.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    figures = make_code()
    code = Code.objects.create(
        attempt=attempt,
        contact=attempt.contact,
        digest=hash_code(figures, attempt_id=attempt.pk),
        created_at=now,
        expires_at=now + CODE_LIVES,
    )
    draft = CodeDraft(
        key=f"online_code:{code.pk}",
        channel=setting.code_channel,
        address=attempt.contact,
        language=attempt.language,
        code=figures,
        subject=Subject(SUBJECT_KIND, code.pk),
        expires_at=code.expires_at,
        zone=attempt.branch.time_zone,
    )
    message = queue_code(draft=draft, now=now)
    parts = count_parts(message.body)
    if cost and parts > 1:
        trace.cost = cost * parts
        trace.save(update_fields=["cost"])
    return code


def prove_code(*, attempt_id: int, figures: str, address: str | None, now: datetime) -> None:
    """Take the code: the contact is the visitor's. Raises `CodeWrong`, `CodeOver`, `TooOften`.

    A wrong try is counted and stays counted. A code that was taken proves nothing a second time.
    """
    refusal = _try_code(attempt_id, figures, address, now=now)
    if refusal is not None:
        raise refusal


@transaction.atomic
def _try_code(
    attempt_id: int, figures: str, address: str | None, *, now: datetime
) -> Refused | None:
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt_id)
    code = attempt.codes.order_by("-pk").first()
    is_live = (
        code is not None
        and code.used_at is None
        and code.expires_at > now
        and code.tries < MOST_TRIES
        and code.contact == attempt.contact
    )
    if code is None or not is_live:
        return CodeOver()
    if is_code(figures, code.digest, attempt_id=attempt_id):
        Code.objects.filter(pk=code.pk).update(used_at=now)
        Attempt.objects.filter(pk=attempt_id).update(proved_at=now)
        return None
    visitor = Visitor(address=address, contact=attempt.contact)
    try:
        count_deed(deed=Deed.WRONG, visitor=visitor, now=now)
    except Refused as refusal:
        Code.objects.filter(pk=code.pk).update(expires_at=now)
        return refusal
    Code.objects.filter(pk=code.pk).update(tries=F("tries") + 1)
    return CodeOver() if code.tries + 1 >= MOST_TRIES else CodeWrong()


def why_code_is_not_wanted(*, code_id: int, now: datetime) -> str:
    """Return "" while the code can still be used, else the reason not to send it."""
    code = Code.objects.filter(pk=code_id).first()
    is_live = code is not None and code.used_at is None and code.expires_at > now
    return "" if is_live else "expired"
