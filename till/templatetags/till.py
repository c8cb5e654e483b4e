from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from clinic.formats import format_money
from clinic.markup import draw_status

register = template.Library()


@register.filter
def at(of: Mapping[str, Any], key: str) -> Any:
    """What a mapping has under the key."""
    return of[key]


@register.simple_tag
def figure(amount: Decimal, rows: int, query: str, **narrowed: object) -> SafeString:
    """Return a sum that opens the rows behind it; a dash where there are none."""
    if not rows:
        return mark_safe("—")
    asked = QueryDict(query, mutable=True)
    for name, value in narrowed.items():
        asked[name] = str(value)
    address = f"{reverse('till:rows')}?{asked.urlencode()}"
    return format_html('<a href="{}">{}</a>', address, format_money(amount))


@register.simple_tag
def difference(amount: Decimal | None) -> SafeString:
    """Return what was counted beyond or below what should be there, said in words too."""
    if amount is None:
        return mark_safe("—")
    if amount > 0:
        more = _("%(sum)s more") % {"sum": format_money(amount)}
        return draw_status(more, "warning", "arrow-up")
    if amount < 0:
        less = _("%(sum)s missing") % {"sum": format_money(-amount)}
        return draw_status(less, "danger", "arrow-down")
    return draw_status(_("it is right"), "success", "check")
