"""Who the patient is."""

from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import ExtractDay, ExtractMonth
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from campaigns.segments.moment import FEBRUARY, LAST_COMMON_DAY, LEAP_DAY, Moment, is_leap
from campaigns.segments.traits.base import Topic, Trait
from campaigns.segments.traits.kinds import AgeTrait, AheadTrait, ChoiceTrait, DateTrait, TextTrait
from campaigns.segments.traits.options import Catalogue, Codes, Words
from campaigns.segments.values import Interval
from clinic.models import Branch
from patients.models import Attitude, Sex, Source

YEAR = timedelta(days=365)
LONGEST_LIFE = 130


def is_of_age(asked: Interval[Any], moment: Moment) -> Q:
    """Whole years of life; someone born on 29 February grows older on 1 March of common years."""
    found = Q(birth_on__isnull=False)
    if asked.low is not None:
        found &= Q(birth_on__lte=moment.years_ago(asked.low))
    if asked.high is not None:
        found &= Q(birth_on__gt=moment.years_ago(asked.high + 1))
    return found


def count_years(born_on: date, moment: Moment) -> int:
    today = moment.today
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    return today.year - born_on.year - (0 if had_birthday else 1)


def has_birthday_within(days: int, moment: Moment) -> Q:
    """Today and the next `days` days; 29 February is kept on the 28th of common years."""
    known = Q(birth_on__isnull=False)
    first, last = moment.today, moment.today + timedelta(days=days)
    if last - first >= YEAR:
        return known
    birthday = ExtractMonth("birth_on") * 100 + ExtractDay("birth_on")
    since_first = Q(GreaterThanOrEqual(birthday, _month_and_day(first)))
    until_last = Q(LessThanOrEqual(birthday, _month_and_day(last, is_last=True)))
    if first.year == last.year:
        return known & since_first & until_last
    return known & (since_first | until_last)


def _month_and_day(day: date, *, is_last: bool = False) -> int:
    """621 for 21 June; as the last of a span 28 February of a common year takes in the 29th."""
    ends_february = (day.month, day.day) == (FEBRUARY, LAST_COMMON_DAY) and not is_leap(day.year)
    return day.month * 100 + (LEAP_DAY if is_last and ends_february else day.day)


PERSON: tuple[Trait, ...] = (
    ChoiceTrait(
        code="sex",
        topic=Topic.PERSON,
        label=_("Sex"),
        column="sex",
        choices=Codes.of(Sex),
        blank=Q(sex=""),
    ),
    AgeTrait(
        code="age",
        topic=Topic.PERSON,
        label=_("Age, years"),
        most=LONGEST_LIFE,
        within=is_of_age,
        number=lambda moment: F("birth_on"),
        count=count_years,
        unknown=lambda moment: Q(birth_on__isnull=True),
        unknown_label=_("is not known"),
    ),
    AheadTrait(
        code="birthday",
        topic=Topic.PERSON,
        label=_("Birthday"),
        hint=_("0 days: today."),
        column="birth_on",
        ahead=has_birthday_within,
    ),
    ChoiceTrait(
        code="branch",
        topic=Topic.PERSON,
        label=_("Home branch"),
        column="branch",
        choices=Catalogue(lambda: Branch.objects.order_by("name")),
        blank=Q(branch__isnull=True),
    ),
    ChoiceTrait(
        code="city",
        topic=Topic.PERSON,
        label=_("City"),
        hint=_("The city of the home branch."),
        column="branch__city",
        choices=Words(
            lambda: Branch.objects.order_by("city").values_list("city", flat=True).distinct()
        ),
        blank=Q(branch__isnull=True),
    ),
    ChoiceTrait(
        code="source",
        topic=Topic.PERSON,
        label=_("Source"),
        hint=_("Where the patient first came from."),
        column="source",
        choices=Catalogue(lambda: Source.objects.order_by("name")),
        blank=Q(source__isnull=True),
    ),
    ChoiceTrait(
        code="language",
        topic=Topic.PERSON,
        label=_("Language"),
        column="language",
        choices=Codes(("ru", "Русский"), ("en", "English")),
    ),
    ChoiceTrait(
        code="attitude",
        topic=Topic.PERSON,
        label=_("Attitude"),
        hint=_("What the patient answered to our offers."),
        column="status",
        choices=Codes.of(Attitude, but=Attitude.NONE),
        blank=Q(status=Attitude.NONE),
    ),
    TextTrait(
        code="refusal_reason",
        topic=Topic.PERSON,
        label=_("Refusal reason"),
        column="refusal_reason",
    ),
    DateTrait(
        code="registered",
        topic=Topic.PERSON,
        label=_("Card created"),
        column="created_at",
    ),
)
