"""Nothing fits, or somebody would rather be called."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from django.core import signing
from django.http import HttpResponse

from clinic.http import read_number
from clinic.models import Branch, Service
from online.actions import FASTEST, CallWish, TooFast, TooOften, ask_for_call
from online.forms import DATA, WishForm
from online.queries import find_service
from online.views.choosing import get_branch
from online.views.guests import Guest, for_guests
from outbox.errors import Refused
from patients.queries import list_wordings

SALT = "online.wish"
OPEN_FOR = 24 * 60 * 60
"""Seconds for which the form may be sent."""


@for_guests("POST")
def wish(guest: Guest, branch_id: int) -> HttpResponse:
    where = get_branch(branch_id)
    service_id = read_number(guest.request.GET.get("service", ""))
    service = find_service(branch=where, service_id=service_id or 0)
    if guest.request.method != "POST":
        return _show(guest, where, WishForm(), seal=_make_seal(guest))
    form, seal = WishForm(guest.request.POST), guest.request.POST.get("seal", "")
    opened = _open_seal(seal)
    if not form.is_valid():
        return _show(guest, where, form, seal=seal, status=422)
    try:
        if opened is None or guest.now - opened.at < FASTEST:
            raise TooFast
        ask_for_call(
            wish=_read_wish(guest, where, service, form, key=opened.key),
            address=guest.address,
            now=guest.now,
        )
    except (TooFast, TooOften) as refusal:
        seal = seal if opened else _make_seal(guest)
        return _show(guest, where, form, seal=seal, refusal=refusal, status=refusal.status)
    return guest.go("wish", where.pk, service=service.pk if service else None, sent="1")


def _read_wish(
    guest: Guest, where: Branch, service: Service | None, form: WishForm, *, key: str
) -> CallWish:
    got = form.cleaned_data
    return CallWish(
        key=key,
        name=" ".join(got["name"].split()),
        phone=got["phone"],
        wish=got["wish"],
        branch_id=where.pk,
        service_id=service.pk if service else None,
        utm=guest.utm,
        consent_version=list_wordings(language=guest.language)[DATA].version,
    )


@dataclass(frozen=True)
class Seal:
    """Which wish it is, and when the form was opened."""

    key: str
    at: datetime


def _make_seal(guest: Guest) -> str:
    told = {"key": f"online-wish:{uuid4()}", "at": guest.now.timestamp()}
    return signing.dumps(told, salt=SALT)


def _open_seal(text: str) -> Seal | None:
    """Return what the seal says, None when it was not made here or is a day old."""
    try:
        told = signing.loads(text, salt=SALT, max_age=OPEN_FOR)
    except signing.BadSignature:
        return None
    return Seal(told["key"], datetime.fromtimestamp(told["at"], UTC))


def _show(
    guest: Guest,
    where: Branch,
    form: WishForm,
    *,
    seal: str,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "branch": where,
        "form": form,
        "seal": seal,
        "wording": list_wordings(language=guest.language)[DATA],
        "is_sent": guest.request.GET.get("sent") == "1",
        "refusal": refusal,
        "back": guest.link("branch", where.pk),
    }
    return guest.show("wish", context, status=status)
