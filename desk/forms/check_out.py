"""What reception types at check-out: the lines of the bill, the split of the payment, a refund."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from appointments.actions import LineInput
from appointments.models import Appointment
from clinic.forms import MoneyField
from clinic.models import Service
from desk.actions.check_out import CheckOutOrder
from desk.queries.check_out import Bill
from packages.codes import read_code
from packages.formats import say_holding
from packages.queries import Cover, Holding

MOST_LINES = 50


class PricedSelect(forms.Select):
    """Each service with its price, so that choosing it fills the line."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        service: Service | None = getattr(value, "instance", None)
        if service is not None:
            option["attrs"]["data-price"] = str(service.price)
        return option


class LineForm(forms.Form):
    """A service rendered. Without a service the line is left out."""

    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("Service"),
        required=False,
        empty_label=_("choose a service"),
        widget=PricedSelect,
    )
    quantity = forms.IntegerField(
        label=_("Quantity"),
        required=False,
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    price = MoneyField(label=_("Price"), required=False)
    discount = MoneyField(label=_("Discount"), required=False)
    package = forms.TypedChoiceField(
        label=_("Paid by"), required=False, coerce=int, empty_value=None
    )

    def __init__(
        self,
        *args: Any,
        services: QuerySet[Service],
        packages: Sequence[Holding] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if packages:
            choices = [("", _("money")), *((one.id, say_holding(one)) for one in packages)]
            cast("forms.TypedChoiceField", self.fields["package"]).choices = choices
        else:
            del self.fields["package"]
        cast("forms.ModelChoiceField[Service]", self.fields["service"]).queryset = services

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        line = self._read(given)
        if line and not self.errors and line.sum < 0:
            self.add_error("discount", _("The discount is larger than the sum."))
        return given

    def read(self) -> LineInput | None:
        """Return the line of a valid form; None where no service was chosen."""
        return self._read(self.cleaned_data)

    @staticmethod
    def _read(given: dict[str, Any]) -> LineInput | None:
        service: Service | None = given.get("service")
        if service is None:
            return None
        price = given.get("price")
        return LineInput(
            service_id=service.pk,
            quantity=given.get("quantity") or 1,
            price=service.price if price is None else price,
            discount=given.get("discount") or Decimal(0),
        )


LineFormSet = forms.formset_factory(
    LineForm,
    extra=1,
    can_delete=True,
    max_num=MOST_LINES,
    absolute_max=2 * MOST_LINES,
)


def read_cover(lines: "forms.BaseFormSet[LineForm]", *, code: str) -> Cover:
    """Return which lines of `read_lines` packages pay."""
    kept = [form for form in lines.forms if form not in lines.deleted_forms and form.read()]
    paying = {n: form.cleaned_data.get("package") for n, form in enumerate(kept)}
    return Cover(packages={n: pk for n, pk in paying.items() if pk}, code=code)


def read_lines(lines: "forms.BaseFormSet[LineForm]") -> list[LineInput]:
    """Return the bill of a valid formset, without removed lines and those without a service."""
    kept = [form for form in lines.forms if form not in lines.deleted_forms]
    return [line for form in kept if (line := form.read()) is not None]


class PaymentForm(forms.Form):
    """What is paid now. Left empty, the sum stays a debt."""

    card = MoneyField(label=_("By card"), required=False)
    transfer = MoneyField(label=_("By transfer"), required=False)
    cash = MoneyField(label=_("Cash received"), required=False)
    points = forms.IntegerField(
        label=_("Points"),
        required=False,
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    code = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def read(self, lines: "forms.BaseFormSet[LineForm]") -> CheckOutOrder:
        """Return the order of this form and of the lines, when both have passed."""
        given = self.cleaned_data
        return CheckOutOrder(
            lines=read_lines(lines),
            cover=read_cover(lines, code=read_code(given["code"])),
            key=str(given["key"]),
            points=given["points"] or 0,
            card=given["card"] or Decimal(0),
            transfer=given["transfer"] or Decimal(0),
            cash=given["cash"] or Decimal(0),
            seen=given["seen"] or None,
        )


class RefundForm(forms.Form):
    """Money back for a service; or a payment entered by mistake, which goes back whole."""

    BACK, MISTAKE = "back", "mistake"

    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            (BACK, _("the patient gets the money back, the bill becomes less")),
            (MISTAKE, _("the payment was entered by mistake, the bill is owed again")),
        ],
        initial=BACK,
        widget=forms.RadioSelect,
    )
    amount = MoneyField(label=_("How much to give back"), at_least=Decimal("0.01"))
    reason = forms.CharField(label=_("Why"), max_length=200)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


def initial_lines(
    appointment: Appointment, bill: Bill | None, cover: Cover
) -> list[dict[str, Any]]:
    """Return the written bill; before there is one, the booked service at the booked price.

    `cover` says which package is offered to pay a line.
    """
    booked: dict[str, Any] = {
        "service": appointment.service_id,
        "quantity": 1,
        "price": appointment.price,
    }
    lines: list[dict[str, Any]] = [
        {
            "service": line.service_id,
            "quantity": line.quantity,
            "price": line.price,
            "discount": line.discount or None,
        }
        for line in (bill.lines if bill else ())
    ] or [booked]
    return [line | {"package": cover.packages.get(n)} for n, line in enumerate(lines)]
