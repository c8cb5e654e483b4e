from django.utils.translation import gettext as _

from desk.queries.timeline.facts import Fact
from desk.queries.timeline.telling import Group, Words, tells, who_and_what
from documents import events
from documents.models import DocumentKind


@tells(events.DocumentMade, group=Group.CARD, icon="file-text")
def tell_made(fact: Fact) -> Words:
    kind = str(DocumentKind(fact.get("kind")).label)
    title = _("Document made: %(kind)s No. %(number)s")
    return title % {"kind": kind, "number": fact.get("number")}, who_and_what(fact.appointment)
