from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.models import MONEY, PaymentMethod
from clinic.forms import MoneyField

WAYS = [(method.value, method.label) for method in PaymentMethod if method in MONEY]


class PrepaymentForm(forms.Form):
    """Money that secures a booking."""

    amount = MoneyField(label=_("Sum"))
    method = forms.ChoiceField(
        label=_("Payment"), choices=WAYS, initial=PaymentMethod.CARD, widget=forms.RadioSelect
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ReturnForm(forms.Form):
    """How much goes back; `exception` is for a manager, where the rule says no."""

    amount = MoneyField(label=_("How much to give back"))
    reason = forms.CharField(label=_("Why"), max_length=200)
    exception = forms.BooleanField(
        label=_("Give it back against the rule, as an exception"), required=False
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, may_except: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_except:
            del self.fields["exception"]
