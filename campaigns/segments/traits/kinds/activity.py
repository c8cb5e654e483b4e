"""What the patient did or did not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Count,
    Exists,
    Max,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.segments import values
from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Input, Names, Operator, Rows, Text, Trait
from campaigns.segments.traits.kinds.choices import say_choices
from campaigns.segments.traits.options import Options
from campaigns.segments.values import Activity, Choice
from clinic.formats import format_day


@dataclass(frozen=True, kw_only=True)
class ActivityTrait(Trait):
    """What the patient did or did not: `rows` are the deeds, of type `of`, at the moment `at`.

    `patient` is the path from a deed to its patient. "In the last N days" counts calendar days,
    today the last of them. Only `did` may ask how often.
    """

    rows: Callable[[], Rows]
    patient: str
    of: str
    at: str
    choices: Options
    did_label: Text
    did_not_label: Text

    @property
    def options(self) -> Options:
        return self.choices

    @property
    def operators(self) -> tuple[Operator, ...]:
        return (
            Operator("did", self.did_label, Input.ACTIVITY_TIMES),
            Operator("did_not", self.did_not_label, Input.ACTIVITY),
        )

    def read(self, operator: str, raw: Any) -> Activity:
        return values.read_activity(raw, self.choices.read, may_repeat=operator == "did")

    def compile(self, operator: str, value: Activity, moment: Moment) -> Q:
        if value.times > 1:
            return Q(pk__in=self._often(value, moment))
        found = Q(Exists(self._asked(value, moment).filter((self.patient, OuterRef("pk")))))
        return found if operator == "did" else ~found

    def _asked(self, value: Activity, moment: Moment) -> Rows:
        deeds = self.rows().filter((f"{self.of}__in", value.of))
        if value.days is None:
            return deeds
        return deeds.filter((f"{self.at}__gte", moment.start_of(moment.days_ago(value.days))))

    def _often(self, value: Activity, moment: Moment) -> Rows:
        """The ids of patients with enough deeds, each deed counted once."""
        deeds = self._asked(value, moment).order_by().values(self.patient)
        often: Rows = deeds.annotate(times=Count("pk")).filter(times__gte=value.times)
        return often.values(self.patient)

    def chosen(self, value: Activity) -> tuple[Choice, ...]:
        return value.of

    def fact(self, value: Activity, moment: Moment) -> Combinable:
        """When it was last, at any time: this also explains "not in the last N days"."""
        deeds = self.rows().filter((f"{self.of}__in", value.of), (self.patient, OuterRef("pk")))
        return Subquery(deeds.order_by().values(self.patient).annotate(n=Max(self.at)).values("n"))

    def say_value(self, value: Activity, names: Names) -> tuple[str, ...]:
        said = [say_choices(value.of, names)]
        if value.times > 1:
            said.append(_("%(times)s times or more") % {"times": value.times})
        if value.days is not None:
            said.append(_("in the last %(days)s days") % {"days": value.days})
        return tuple(said)

    def say_fact(self, fact: datetime | None, names: Names, moment: Moment) -> str:
        if fact is None:
            return pgettext("segment", "never")
        return _("last on %(day)s") % {"day": format_day(moment.local_date(fact))}
