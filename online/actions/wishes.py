"""Nothing fits, or a person would rather talk: a request that reception answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from intake.actions import RequestOrder, receive_request
from intake.models import Request, RequestKind
from online.actions.attempts import BookingShut
from online.actions.limits import Visitor, count_deed
from online.models import Deed, OnlineSetting
from patients.models import Source


@dataclass(frozen=True, kw_only=True)
class CallWish:
    """Whom to call and about what. The same `key` is the same wish; `phone` is in E.164.

    `consent_version` is that of the wording to which he agreed: without a consent there is no wish.
    """

    key: str
    name: str
    phone: str
    wish: str
    branch_id: int
    consent_version: int
    service_id: int | None = None
    utm: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def ask_for_call(*, wish: CallWish, address: str | None, now: datetime) -> Request:
    """Leave a request for a call back. Raises `BookingShut`, `TooOften`."""
    setting = OnlineSetting.load()
    if not setting.is_open:
        raise BookingShut
    known = Request.objects.filter(key=wish.key).first()
    if known is None:
        visitor = Visitor(address=address, contact=wish.phone)
        count_deed(deed=Deed.WISH, visitor=visitor, now=now)
    marked = wish.utm.get("utm_source", "")
    source = Source.objects.filter(code=marked, is_active=True).first() if marked else None
    order = RequestOrder(
        key=wish.key,
        kind=RequestKind.FORM,
        name=wish.name,
        phone=wish.phone,
        branch_id=wish.branch_id,
        source_id=source.pk if source else setting.source_id,
        service_id=wish.service_id,
        comment=_tell(wish),
        utm=wish.utm,
    )
    return receive_request(order=order, actor_id=None, now=now)


def _tell(wish: CallWish) -> str:
    """What reception reads, in the clinic's language."""
    with translation.override(settings.LANGUAGE_CODE):
        told = _("From online booking: %(wish)s") % {"wish": wish.wish or _("please call back")}
        agreed = _("Agreed to the processing of personal data, wording %(version)d.")
        return f"{told}\n{agreed % {'version': wish.consent_version}}"
