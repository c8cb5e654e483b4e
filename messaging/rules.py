"""What keeps a text from being saved, in words for the person who wrote it."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinic.names import fold
from messaging.kinds import KINDS, SECRET, fill_sample
from messaging.legal import list_sms_lines
from messaging.models import Purpose, Template
from messaging.parts import count_parts
from messaging.secrecy import find_secrets
from messaging.texts import TextBroken, list_variables, render_text, shorten_values
from patients.models import Channel

MOST_PARTS = 6
SAMPLE_WAY_OUT = "https://clinic.ru/u/aT7mQz2LxW9cVbN4rKp1Dg/"

OFFERS = re.compile(
    r"\b(?:скидк|акци[яиюей]|промокод|распродаж|подар[ок]|выгодн|бесплатн|discount|promo|sale\b|gift)"
    r"\w*"
)
PROMISES = re.compile(r"\b(?:гаранти|вылеч|исцел|безболезнен|guarantee|cure)\w*|100 ?%")
"""Law 38-FZ, art. 24: advertising of medicine promises no result."""


@dataclass(frozen=True)
class Problem:
    """`field` is `subject` or `body`."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A text as it is being written."""

    kind: str
    channel: str
    language: str
    subject: str
    body: str


def describe_draft(
    template: Template, *, subject: str | None = None, body: str | None = None
) -> Draft:
    """Return the template as it stands, or with another subject and body."""
    return Draft(
        kind=template.code,
        channel=template.channel,
        language=template.language,
        subject=template.subject if subject is None else subject,
        body=template.body if body is None else body,
    )


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The text with sample values, as the patient would get it. `parts` is 0 for an e-mail."""

    subject: str
    body: str
    length: int
    parts: int


def render_sample(draft: Draft) -> Sample:
    """Raises `TextBroken`."""
    values, lines = fill_sample(draft.language), []
    if draft.channel == Channel.SMS:
        values = shorten_values(values)
        if KINDS[draft.kind].purpose == Purpose.MARKETING:
            url = SAMPLE_WAY_OUT.removeprefix("https://")
            lines = list_sms_lines(unsubscribe_url=url, language=draft.language)
    body = "\n".join([render_text(draft.body, values).strip(), *lines])
    return Sample(
        subject=render_text(draft.subject, values).strip(),
        body=body,
        length=len(body),
        parts=count_parts(body) if draft.channel == Channel.SMS else 0,
    )


def list_problems(draft: Draft, *, names: Collection[str]) -> list[Problem]:
    """Return all that must be put right first; `names` are the clinic's services and positions."""
    if not draft.body.strip():
        return [Problem("body", _("Write a text."))]
    if draft.channel == Channel.EMAIL and not draft.subject.strip():
        return [Problem("subject", _("An e-mail needs a subject."))]
    problems = []
    for field, source in (("subject", draft.subject), ("body", draft.body)):
        problems += [Problem(field, text) for text in _check_variables(draft, field, source)]
        problems += [Problem(field, text) for text in _check_words(draft, source, names)]
    if problems:
        return problems
    return _check_whole(draft, names)


def _check_variables(draft: Draft, field: str, source: str) -> list[str]:
    kind = KINDS[draft.kind]
    try:
        named = list_variables(source)
    except TextBroken as error:
        return [str(error)]
    secret, unknown = named & SECRET, named - kind.known - SECRET
    missing = kind.required - named if field == "body" else frozenset()
    return [
        *(
            _("{{ %(name)s }} would tell a stranger what the patient comes for.") % {"name": name}
            for name in sorted(secret)
        ),
        *(
            _("Nobody knows what {{ %(name)s }} is. There is: %(known)s.")
            % {"name": name, "known": ", ".join(sorted(kind.known))}
            for name in sorted(unknown)
        ),
        *(
            _("Without {{ %(name)s }} the message has no point.") % {"name": name}
            for name in sorted(missing)
        ),
    ]


def _check_words(draft: Draft, source: str, names: Collection[str]) -> list[str]:
    problems = [
        _("“%(word)s” gives a secret away: anyone may read a patient's phone.") % {"word": word}
        for word in find_secrets(source, names=names)
    ]
    if KINDS[draft.kind].purpose == Purpose.SERVICE:
        problems += [
            _("“%(word)s” makes it advertising, and this message goes out without a consent to it.")
            % {"word": word}
            for word in _find(OFFERS, source)
        ]
    else:
        problems += [
            _("“%(word)s” promises a result: advertising of medicine must not.") % {"word": word}
            for word in _find(PROMISES, source)
        ]
    return problems


def _check_whole(draft: Draft, names: Collection[str]) -> list[Problem]:
    """What shows only once the values are in: words put together from pieces, the length."""
    try:
        sample = render_sample(draft)
    except TextBroken as error:
        return [Problem("body", str(error))]
    whole = draft.subject + "\n" + sample.body
    problems = [Problem("body", text) for text in _check_words(draft, whole, names)]
    if sample.parts > MOST_PARTS:
        text = _("It takes %(parts)s SMS, %(most)s at most: make it shorter.")
        problems.append(Problem("body", text % {"parts": sample.parts, "most": MOST_PARTS}))
    return problems


def _find(pattern: re.Pattern[str], source: str) -> list[str]:
    return list(dict.fromkeys(match[0] for match in pattern.finditer(fold(source))))
