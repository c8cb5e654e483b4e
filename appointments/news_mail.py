"""News of the day by e-mail, for employees who asked for it: one letter for several changes.

The letter says how many and where to look: whoever sees it over a shoulder learns no name. Claimed
before it is sent and given back when the mail server refuses: a letter is rather lost with a killed
process than sent twice, for the news itself stands on the page.
"""

import logging
import smtplib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.models import News, NewsKind

logger = logging.getLogger(__name__)

GATHERED_FOR = timedelta(minutes=3)
"""How long the first change waits for others to go in the same letter."""

USEFUL_FOR = timedelta(hours=12)


def mail_news_next(*, now: datetime) -> bool:
    """Send the next letter that is due; False when none is, or the mail server takes none."""
    news = _claim(now=now)
    if not news:
        return False
    employee = news[0].employee
    try:
        send_mail(
            _("Changes in your day"), _write(news), settings.DEFAULT_FROM_EMAIL, [employee.email]
        )
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("News by e-mail failed: %s", type(error).__qualname__)
        News.objects.filter(pk__in=[one.pk for one in news]).update(mailed_at=None)
        return False
    return True


@transaction.atomic
def _claim(*, now: datetime) -> Sequence[News]:
    waiting = News.objects.filter(
        mailed_at=None,
        created_at__gt=now - USEFUL_FOR,
        employee__mails_news=True,
        employee__is_active=True,
    ).exclude(employee__email="")
    waiting = waiting.exclude(kind=NewsKind.ARRIVED)
    due = waiting.filter(created_at__lte=now - GATHERED_FOR).order_by("created_at", "pk")
    employee_id = due.values_list("employee_id", flat=True).first()
    if employee_id is None:
        return []
    mine = waiting.filter(employee_id=employee_id).select_related("employee").order_by("pk")
    news = list(mine.select_for_update(of=("self",), skip_locked=True))
    News.objects.filter(pk__in=[one.pk for one in news]).update(mailed_at=now)
    return news


def _write(news: Sequence[News]) -> str:
    count = Counter(NewsKind(one.kind) for one in news)
    booked = count[NewsKind.BOOKED] + count[NewsKind.MOVED_IN]
    off = count[NewsKind.CANCELLED] + count[NewsKind.MOVED_AWAY]
    moved = count[NewsKind.MOVED]
    lines = (
        (booked, ngettext("%(n)d new visit", "%(n)d new visits", booked)),
        (moved, ngettext("%(n)d visit moved", "%(n)d visits moved", moved)),
        (off, ngettext("%(n)d visit fell away", "%(n)d visits fell away", off)),
    )
    said = "\n".join(line % {"n": n} for n, line in lines if n)
    where = _("Today and tomorrow, hour by hour: %(address)s") % {
        "address": f"{settings.PUBLIC_URL}/my-day/"
    }
    return f"{said}\n\n{where}\n"
