"""From the chosen time to the booking: who, the code, done. Each page is found by a secret."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect

from appointments.models import Appointment
from clinic.days import today_at
from messaging.actions import issue_link
from messaging.models import LinkPurpose
from online.actions import (
    CodeOver,
    CodesUsedUp,
    CodeWrong,
    NotOffered,
    TimeGone,
    TooFast,
    TooOften,
    book_attempt,
    choose_other_time,
    describe_person,
    find_attempt,
    is_proved,
    prove_code,
    send_code,
)
from online.forms import CodeForm, PersonForm
from online.models import Attempt
from online.queries import find_doctor, get_price
from online.views.choosing import GONE, read_slot, show_times
from online.views.guests import Guest, for_guests
from outbox.errors import Refused
from patients.queries import list_wordings

RESTRAINED = (TooFast, TooOften, CodesUsedUp)


@for_guests("POST")
def person(guest: Guest, token: str) -> HttpResponse:
    """Who comes, and the phone; then a code is on its way."""
    attempt = find_attempt(token=token, now=guest.now)
    if attempt.appointment_id is not None:
        return guest.go("done", token)
    is_sent = guest.request.method == "POST"
    form = PersonForm(
        guest.request.POST if is_sent else None,
        initial=_initial(attempt),
        today=today_at(attempt.branch, now=guest.now),
        channel=guest.setting.code_channel,
        wordings=list_wordings(language=guest.language),
    )
    if not is_sent:
        return _show_person(guest, attempt, form, token=token)
    if not form.is_valid():
        return _show_person(guest, attempt, form, token=token, status=422)
    try:
        has_proved = describe_person(
            attempt_id=attempt.pk, person=form.read(), visitor=guest.visitor, now=guest.now
        )
    except RESTRAINED as refusal:
        return _show_person(
            guest, attempt, form, token=token, refusal=refusal, status=refusal.status
        )
    except GONE:
        return guest.go("other_times", token, gone="1")
    return _book(guest, attempt, token) if has_proved else guest.go("code", token)


@for_guests("POST")
def code(guest: Guest, token: str) -> HttpResponse:
    """The code; the right one books at once."""
    attempt = find_attempt(token=token, now=guest.now)
    if attempt.appointment_id is not None:
        return guest.go("done", token)
    if not attempt.contact:
        return guest.go("person", token)
    if guest.request.method != "POST":
        return _show_code(guest, attempt, CodeForm(), token=token)
    if is_proved(attempt, now=guest.now):
        return _book(guest, attempt, token)
    if guest.request.POST.get("again"):
        return _send_again(guest, attempt, token)
    form = CodeForm(guest.request.POST)
    if not form.is_valid():
        return _show_code(guest, attempt, form, token=token, status=422)
    try:
        prove_code(
            attempt_id=attempt.pk,
            figures=form.cleaned_data["figures"],
            address=guest.address,
            now=guest.now,
        )
    except (CodeWrong, CodeOver, TooOften) as refusal:
        form.add_error("figures", str(refusal))
        return _show_code(guest, attempt, form, token=token, status=refusal.status)
    return _book(guest, attempt, token)


def _send_again(guest: Guest, attempt: Attempt, token: str) -> HttpResponse:
    try:
        send_code(attempt=attempt, address=guest.address, now=guest.now)
    except RESTRAINED as refusal:
        return _show_code(
            guest, attempt, CodeForm(), token=token, refusal=refusal, status=refusal.status
        )
    return guest.go("code", token)


def _book(guest: Guest, attempt: Attempt, token: str) -> HttpResponse:
    try:
        book_attempt(attempt_id=attempt.pk, ip=guest.address, now=guest.now)
    except TimeGone:
        return guest.go("other_times", token, gone="1")
    return guest.go("done", token)


@for_guests("POST")
def other_times(guest: Guest, token: str) -> HttpResponse:
    """Another time for the same visit; nothing that was written is asked again."""
    attempt = find_attempt(token=token, now=guest.now)
    if attempt.appointment_id is not None:
        return guest.go("done", token)
    where, service = attempt.branch, attempt.service
    who = None
    if guest.request.GET.get("doctor") == str(attempt.employee_id):
        who = find_doctor(branch=where, employee_id=attempt.employee_id, service=service)
    back = guest.link("person", token)
    if guest.request.method != "POST":
        refusal = TimeGone() if guest.request.GET.get("gone") else None
        return show_times(guest, where, service, who, refusal=refusal, back=back)
    choice = read_slot(guest, where, service)
    try:
        if choice is None:
            raise NotOffered
        choose_other_time(
            attempt_id=attempt.pk, choice=choice, visitor=guest.visitor, now=guest.now
        )
    except GONE as refusal:
        return show_times(guest, where, service, who, refusal=refusal, back=back)
    if is_proved(attempt, now=guest.now) and attempt.contact:
        return _book(guest, attempt, token)
    return guest.go("person", token)


@for_guests("POST")
def done(guest: Guest, token: str) -> HttpResponse:
    """When and where. The button leads to the patient's own page of the visit."""
    attempt = find_attempt(token=token, now=guest.now)
    if attempt.appointment_id is None:
        return guest.go("person", token)
    appointment = Appointment.objects.get(pk=attempt.appointment_id)
    if guest.request.method == "POST":
        link = issue_link(
            purpose=LinkPurpose.APPOINTMENT,
            patient_id=appointment.patient_id,
            subject_id=appointment.pk,
            expires_at=appointment.ends_at,
            now=guest.now,
        )
        return HttpResponseRedirect(link.removeprefix(settings.PUBLIC_URL))
    return guest.show("done", {"attempt": attempt, "branch": attempt.branch, "token": token})


def _show_person(
    guest: Guest,
    attempt: Attempt,
    form: PersonForm,
    *,
    token: str,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    price = get_price(service=attempt.service, employee_id=attempt.employee_id)
    context = {
        **_summary(attempt),
        "form": form,
        "price": price,
        "refusal": refusal,
        "back": guest.link("other_times", token),
    }
    return guest.show("person", context, status=status)


def _show_code(
    guest: Guest,
    attempt: Attempt,
    form: CodeForm,
    *,
    token: str,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **_summary(attempt),
        "form": form,
        "refusal": refusal,
        "back": guest.link("person", token),
    }
    return guest.show("code", context, status=status)


def _summary(attempt: Attempt) -> dict[str, Any]:
    return {"attempt": attempt, "branch": attempt.branch}


def _initial(attempt: Attempt) -> dict[str, Any]:
    """What this visitor wrote on this page before; the consents are asked again."""
    if not attempt.data_consent:
        return {}
    names = ("party", "booker", "last_name", "first_name", "middle_name", "birth_on")
    return {name: getattr(attempt, name) for name in (*names, "phone", "email")}
