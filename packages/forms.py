import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.formats import format_money
from clinic.forms import MoneyField
from clinic.models import Service
from packages.actions import PartRule, SaleOrder, TypeRule
from packages.models import Activation, PackageStatus, PackageType
from packages.queries import IN_USE, list_on_sale

MOST_PARTS = 6


class PackageFilterForm(forms.Form):
    """The filters above the list; what is missing or wrong filters nothing."""

    text = forms.CharField(
        label=_("Patient or code"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "wide": True}),
    )
    status = forms.ChoiceField(
        label=pgettext_lazy("package", "State"),
        choices=[
            ("", pgettext_lazy("package", "any")),
            (IN_USE, _("in use")),
            *PackageStatus.choices,
        ],
        required=False,
    )
    kind = forms.ModelChoiceField(
        PackageType.objects.order_by("name"),
        label=_("Package"),
        required=False,
        empty_label=pgettext_lazy("package", "any"),
    )
    recent = forms.BooleanField(label=_("sold in 30 days"), required=False)
    ending = forms.BooleanField(label=_("ends within 14 days"), required=False)


class PricedType(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only in the stubs
    """Each package with its price, so that the sum to take is seen where it is chosen."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {format_money(obj.price)}"


class SaleForm(forms.Form):
    """What is bought and how it is paid: one way for the whole price, or the price in parts."""

    CARD, CASH, TRANSFER, PARTS = "card", "cash", "transfer", "parts"
    SUMS = (CARD, TRANSFER, CASH)

    kind = PricedType(
        PackageType.objects.none(), label=_("Package"), empty_label=_("choose a package")
    )
    paid_by = forms.ChoiceField(
        label=_("Payment"),
        choices=[
            (CARD, _("by card")),
            (CASH, _("in cash")),
            (TRANSFER, _("by transfer")),
            (PARTS, _("in several ways")),
        ],
        initial=CARD,
        widget=forms.RadioSelect,
    )
    card = MoneyField(label=_("By card"), required=False)
    transfer = MoneyField(label=_("By transfer"), required=False)
    cash = MoneyField(label=_("Cash received"), required=False)
    is_family = forms.BooleanField(
        label=_("The family may use it too"),
        required=False,
        help_text=_("Those whom the card names as relatives. The owner can change his mind."),
    )
    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("PricedType", self.fields["kind"]).queryset = list_on_sale()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind: PackageType | None = given.get("kind")
        if kind is None or given.get("paid_by") != self.PARTS or self.errors:
            return given
        lacks = kind.price - sum(self._sums(given).values())
        if lacks > 0:
            self.add_error("cash", _("%(sum)s more is needed.") % {"sum": format_money(lacks)})
        elif -lacks > self._sums(given)[self.CASH]:
            self.add_error("card", _("This is more than the price. Lower the sum."))
        return given

    @property
    def change(self) -> Decimal:
        """What goes back to the buyer out of the cash that he handed over."""
        told = self.cleaned_data
        if told["paid_by"] != self.PARTS:
            return Decimal(0)
        price: Decimal = told["kind"].price
        return sum(self._sums(told).values(), Decimal(0)) - price

    def _sums(self, told: dict[str, Any]) -> dict[str, Decimal]:
        return {name: told.get(name) or Decimal(0) for name in self.SUMS}

    def read(self, *, patient_id: int, branch_id: int) -> SaleOrder:
        """Return the order of a form that has passed."""
        told = self.cleaned_data
        kind: PackageType = told["kind"]
        paid = dict.fromkeys(self.SUMS, Decimal(0))
        if told["paid_by"] == self.PARTS:
            paid = self._sums(told)
            paid[self.CASH] -= self.change
        else:
            paid[told["paid_by"]] = kind.price
        return SaleOrder(
            type_id=kind.pk,
            patient_id=patient_id,
            branch_id=branch_id,
            card=paid[self.CARD],
            transfer=paid[self.TRANSFER],
            cash=paid[self.CASH],
            is_family=told["is_family"],
            key=str(told["key"]),
        )


class KeyForm(forms.Form):
    """A button that must not work twice."""

    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)


class TransferForm(KeyForm):
    """The new owner, chosen out of the patients beside the form."""

    relative = forms.IntegerField(
        min_value=1, error_messages={"required": _("Find the patient and choose him.")}
    )


class RefundForm(KeyForm):
    reason = forms.CharField(label=_("Why"), max_length=200)


class TypeForm(forms.Form):
    """The terms of a package; its parts are a formset beside it."""

    name = forms.CharField(label=pgettext_lazy("package", "Name"), max_length=100)
    price = forms.DecimalField(
        label=_("Price, ₽"), min_value=Decimal("0.01"), max_digits=10, decimal_places=2
    )
    term_days = forms.IntegerField(label=_("Term, days"), min_value=1, max_value=3650, initial=90)
    activation = forms.ChoiceField(
        label=_("The term begins"), choices=Activation, initial=Activation.SALE
    )
    warn_days = forms.IntegerField(
        label=_("Remind before the end, days"), min_value=0, max_value=3650, initial=14
    )
    freeze_days = forms.IntegerField(
        label=_("May be frozen, days in all"), min_value=0, max_value=3650, initial=0
    )
    is_transferable = forms.BooleanField(label=_("May be given to another patient"), required=False)
    is_bearer = forms.BooleanField(label=_("Anyone may use it by its code"), required=False)

    def read(self, parts: Sequence[PartRule]) -> TypeRule:
        """Return the rule of a form that has passed."""
        return TypeRule(**self.cleaned_data, parts=parts)


class PartForm(forms.Form):
    """So many sessions of any of these services. Left empty, there is no such part."""

    sessions = forms.IntegerField(label=_("Sessions"), required=False, min_value=1, max_value=500)
    services = forms.ModelMultipleChoiceField(
        Service.objects.filter(is_active=True).order_by("kind", "name"),
        label=_("Of which services"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("sessions")) != bool(given.get("services")) and not self.errors:
            raise forms.ValidationError(_("Say how many sessions and of which services."))
        return given

    def read(self) -> PartRule | None:
        given = self.cleaned_data
        if not given.get("sessions"):
            return None
        return PartRule(
            sessions=given["sessions"],
            service_ids=frozenset(service.pk for service in given["services"]),
        )


PartFormSet = forms.formset_factory(PartForm, extra=2, max_num=MOST_PARTS, absolute_max=MOST_PARTS)


def read_parts(parts: "forms.BaseFormSet[PartForm]") -> list[PartRule]:
    """Return the parts of a valid formset, empty ones left out."""
    return [part for form in parts.forms if (part := form.read()) is not None]


def initial_terms(kind: PackageType) -> dict[str, Any]:
    """Return what `TypeForm` shows of a type."""
    names = ("name", "price", "term_days", "activation", "warn_days", "freeze_days")
    return {name: getattr(kind, name) for name in (*names, "is_transferable", "is_bearer")}


def initial_parts(kind: PackageType) -> list[dict[str, Any]]:
    """Return what `PartFormSet` shows of a type."""
    return [
        {"sessions": part.sessions, "services": list(part.services.values_list("pk", flat=True))}
        for part in kind.parts.order_by("position")
    ]
