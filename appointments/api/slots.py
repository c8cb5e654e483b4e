"""Free times for other systems: the site, the phone robot, the medical record."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from appointments.queries import SlotOrder, SlotQuery, list_free_slots
from clinic.http import MOST_DIGITS, ApiRequest
from clinic.models import Service
from clinic.parsing import DateTimeField

LONGEST_SEARCH = timedelta(days=62)
MOST_SLOTS = 500
MOST_CHOICES = 200


class MomentField(DateTimeField):
    """A moment with its offset: without one it would be another moment in every branch."""

    default_error_messages = {
        "no_offset": _("Write the offset too: 2026-12-01T10:00:00+03:00."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("no_offset")
        return super().enforce_timezone(value)


class NumberField(serializers.IntegerField):
    """The id of something that there may be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=10**MOST_DIGITS, **kwargs)


class NumbersField(serializers.ListField):
    """One such id or several, the parameter repeated; none is any."""

    child = NumberField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_CHOICES, default=list, **kwargs)


class SlotIn(serializers.Serializer[Any]):
    """What is looked for. `from` is now and `until` two weeks later unless given."""

    service = serializers.PrimaryKeyRelatedField(queryset=Service.objects.all())
    branch = NumbersField(help_text=_("any of these; repeat the parameter for several"))
    city = serializers.CharField(
        max_length=100,
        default="",
        allow_blank=True,
        help_text=_("of the branch, as its card spells it"),
    )
    employee = NumbersField(help_text=_("any of these; repeat the parameter for several"))
    specialty = serializers.CharField(
        max_length=100,
        default="",
        allow_blank=True,
        help_text=_("the employee's position, as his card spells it"),
    )
    weekday = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        max_length=7,
        default=list,
        help_text=_("1 is Monday, 7 Sunday; repeat the parameter for several"),
    )
    clock_from = serializers.TimeField(
        default=None,
        allow_null=True,
        help_text=_("the earliest start on the branch's clock, 09:00"),
    )
    clock_until = serializers.TimeField(
        default=None,
        allow_null=True,
        help_text=_("starts are before this time of the branch's clock"),
    )
    patient = NumberField(default=None, allow_null=True)
    until = MomentField(default=None, allow_null=True)
    by_patient = serializers.BooleanField(
        default=True, help_text=_("false: reception asks, and the rules of the service do not bind")
    )
    order = serializers.ChoiceField(
        choices=[order.value for order in SlotOrder],
        default=SlotOrder.SOONEST.value,
        help_text=_("best_fill: first what leaves no useless gap in the schedule"),
    )
    limit = serializers.IntegerField(min_value=1, max_value=MOST_SLOTS, default=100)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"from": MomentField(default=None, allow_null=True)}

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        begins, ends = asked["clock_from"], asked["clock_until"]
        if begins is not None and ends is not None and begins >= ends:
            raise serializers.ValidationError(
                {"clock_until": [_("The end must be later than the beginning.")]}
            )
        return asked

    def query(self, now: datetime) -> SlotQuery:
        asked = self.validated_data
        from_at = asked["from"] or now
        until_at = asked["until"] or from_at + timedelta(days=14)
        return SlotQuery(
            service_id=asked["service"].pk,
            branch_ids=tuple(asked["branch"]),
            city=asked["city"],
            employee_ids=tuple(asked["employee"]),
            position=asked["specialty"],
            weekdays=tuple(asked["weekday"]),
            clock_from=asked["clock_from"],
            clock_until=asked["clock_until"],
            patient_id=asked["patient"],
            by_patient=asked["by_patient"],
            from_at=from_at,
            until_at=min(until_at, from_at + LONGEST_SEARCH),
            order=SlotOrder(asked["order"]),
            limit=asked["limit"],
        )


class SlotOut(serializers.Serializer[Any]):
    """A free time; `room` is the one it would take, null if it needs none."""

    employee = serializers.IntegerField(source="employee_id")
    branch = serializers.IntegerField(source="branch_id")
    room = serializers.IntegerField(source="room_id", allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SlotList(APIView):
    @extend_schema(operation_id="slots_list", parameters=[SlotIn], responses=SlotOut(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Free times, none in the past: shifts less time off and bookings, with a room.

        The soonest first, or with `order=best_fill` those that leave the schedule whole: beside a
        booking, a break or the end of a shift, or with a rest in which another service fits. For a
        patient only what he may book himself: services that are online, within their notice and
        horizon. At most 62 days and 500 times come back.
        """
        asked = SlotIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        slots = list_free_slots(query=asked.query(now), now=now)
        return Response(SlotOut(slots, many=True).data)
