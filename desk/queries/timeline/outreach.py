import re

from django.contrib.admin.utils import label_for_field
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from campaigns.events import RunLeft, RunStarted
from campaigns.words import LEAVING
from desk.queries.timeline.facts import Fact
from desk.queries.timeline.telling import Group, Words, joined, tells
from intake.events import (
    CallerRecognised,
    RequestBooked,
    RequestLost,
    RequestReceived,
    RequestReopened,
    RequestTaken,
)
from intake.models import LossReason
from messaging.events import MessageNotSent, MessageSent
from messaging.kinds import KINDS
from messaging.models import Message
from messaging.reasons import describe_reason
from patients.events import ConsentGiven, ConsentWithdrawn, PatientAdded, PatientChanged
from patients.models import Channel, ConsentPurpose, Patient
from worklist.events import CallMade, TaskClosed, TaskOpened, TaskTaken
from worklist.models import TaskStatus

LONGEST_TEXT = 160
LINK = re.compile(r"\S+/[rvu]/\S+")
"""A link of the patient's own: whoever opens it answers in the patient's name."""


@tells(MessageSent, group=Group.OUTREACH, icon="send", tone="info")
def tell_sent(fact: Fact) -> Words:
    message = fact.get("message_id")
    if message is None:
        return _("Message sent"), ""
    title = _("%(channel)s sent: %(what)s") % _about(message)
    return title, Truncator(LINK.sub(_("(personal link)"), message.body)).chars(LONGEST_TEXT)


@tells(MessageNotSent, group=Group.OUTREACH, icon="message-x", tone="warning")
def tell_not_sent(fact: Fact) -> Words:
    message = fact.get("message_id")
    title = _("%(channel)s not sent: %(what)s") % _about(message) if message else _("Not sent")
    return title, describe_reason(fact.get("reason"))


def _about(message: Message) -> dict[str, str]:
    kind = KINDS.get(message.kind)
    return {
        "channel": str(Channel(message.channel).label),
        "what": str(kind.name) if kind else message.subject,
    }


@tells(RunStarted, group=Group.OUTREACH, icon="route")
def tell_run_started(fact: Fact) -> Words:
    run = fact.get("run_id")
    return _("Scenario begun"), str(run.scenario) if run else ""


@tells(RunLeft, group=Group.OUTREACH, icon="door-exit")
def tell_run_left(fact: Fact) -> Words:
    run, reason = fact.get("run_id"), fact.get("reason")
    return _("Scenario left"), joined(run and run.scenario, LEAVING.get(reason, reason))


@tells(RequestReceived, group=Group.WORK, icon="phone-incoming", tone="info")
def tell_request(fact: Fact) -> Words:
    request = fact.get("request_id")
    if request is None:
        return _("Request received"), ""
    title = _("Request: %(kind)s") % {"kind": request.get_kind_display()}
    return title, joined(request.source, request.comment)


@tells(RequestTaken, group=Group.WORK, icon="headset")
def tell_request_taken(fact: Fact) -> Words:
    return _("Request taken up"), ""


@tells(CallerRecognised, group=Group.WORK, icon="user-search")
def tell_recognised(fact: Fact) -> Words:
    request = fact.get("request_id")
    return _("Recognised in a request"), request.get_kind_display() if request else ""


@tells(RequestReopened, group=Group.WORK, icon="arrow-back-up")
def tell_request_reopened(fact: Fact) -> Words:
    return _("Request taken up again"), ""


@tells(RequestBooked, group=Group.WORK, icon="checks", tone="success")
def tell_request_booked(fact: Fact) -> Words:
    return _("The request became a booking"), ""


@tells(RequestLost, group=Group.WORK, icon="circle-x", tone="danger")
def tell_request_lost(fact: Fact) -> Words:
    code = fact.get("reason")
    return _("Request lost"), str(LossReason(code).label) if code in LossReason.values else ""


@tells(TaskOpened, group=Group.WORK, icon="checklist")
def tell_task_opened(fact: Fact) -> Words:
    task = fact.get("task_id")
    if task is None:
        return _("Task opened"), ""
    return _("Task: %(kind)s") % {"kind": task.get_kind_display()}, task.note


@tells(TaskTaken, group=Group.WORK, icon="user-check")
def tell_task_taken(fact: Fact) -> Words:
    task = fact.get("task_id")
    return _("Task taken"), task.get_kind_display() if task else ""


@tells(CallMade, group=Group.WORK, icon="phone-call", tone="info")
def tell_call(fact: Fact) -> Words:
    task = fact.get("task_id")
    return _("Called"), task.get_kind_display() if task else ""


@tells(TaskClosed, group=Group.WORK, icon="square-check", tone="success")
def tell_task_closed(fact: Fact) -> Words:
    task = fact.get("task_id")
    is_done = fact.get("status") == TaskStatus.DONE
    title = _("Task done") if is_done else _("Task no longer needed")
    return title, joined(task.get_kind_display(), task.result) if task else ""


@tells(PatientAdded, group=Group.CARD, icon="user-plus")
def tell_added(fact: Fact) -> Words:
    return _("Card opened"), ""


@tells(PatientChanged, group=Group.CARD, icon="pencil")
def tell_changed(fact: Fact) -> Words:
    names = [_name_of(field) for field in fact.get("fields")]
    return _("Card changed"), ", ".join(names)


def _name_of(field: str) -> str:
    special = {"contacts": _("contacts"), "relations": _("family")}
    plain = field.removesuffix("_id")
    return special.get(field) or str(label_for_field(plain, Patient))


@tells(ConsentGiven, group=Group.CARD, icon="signature", tone="success")
def tell_consent(fact: Fact) -> Words:
    return _("Consent given"), _purpose(fact)


@tells(ConsentWithdrawn, group=Group.CARD, icon="hand-stop", tone="warning")
def tell_withdrawal(fact: Fact) -> Words:
    return _("Consent withdrawn"), _purpose(fact)


def _purpose(fact: Fact) -> str:
    channel = fact.get("channel")
    return joined(
        ConsentPurpose(fact.get("purpose")).label, Channel(channel).label if channel else ""
    )
