from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic.http import address_of
from messaging.models import Link, LinkPurpose
from messaging.queries import LinkInvalid, open_link
from patients.actions import withdraw_consent
from patients.models import Channel, ConsentOrigin, ConsentPurpose
from patients.queries import has_consent


@csrf_exempt  # RFC 8058: mail programs post without cookies; the secret of the link is the right
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The way out of marketing. A GET asks and changes nothing; one POST is enough."""
    now = timezone.now()
    try:
        link = open_link(token=token, purpose=LinkPurpose.UNSUBSCRIBE, now=now)
    except LinkInvalid as refusal:
        closed = {"refusal": refusal}
        return render(request, "messaging/link_closed.html", closed, status=refusal.status)
    if request.method == "POST":
        withdraw_consent(
            patient_id=link.patient_id,
            purpose=ConsentPurpose.MARKETING,
            channel=link.channel,
            origin=ConsentOrigin.LINK,
            actor_id=None,
            ip=address_of(request),
            now=now,
        )
    context = {"channel": Channel(link.channel), "is_subscribed": _is_subscribed(link)}
    return render(request, "messaging/unsubscribe.html", context)


def _is_subscribed(link: Link) -> bool:
    return has_consent(
        patient_id=link.patient_id, purpose=ConsentPurpose.MARKETING, channel=link.channel
    )
