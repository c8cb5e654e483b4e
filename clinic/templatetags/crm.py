"""Tags and filters of every page. docs/frontend.md shows each with an example."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, Select
from django.forms.utils import flatatt
from django.template.context import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from phonenumber_field.phonenumber import PhoneNumber

from clinic import formats
from clinic.access import may_open
from clinic.markup import draw_icon, draw_person, draw_status
from clinic.models import Branch
from clinic.toasts import describe_message

register = template.Library()

# The look of each level of `django.contrib.messages`: tone and icon.
NOTES = {
    "success": ("success", "circle-check"),
    "warning": ("warning", "alert-triangle"),
    "error": ("danger", "alert-circle"),
}


# Figures, phones and times


@register.filter
def number(value: int | Decimal | None) -> str:
    return "" if value is None else formats.format_number(value)


@register.filter
def money(value: Decimal | int | None) -> str:
    return "" if value is None else formats.format_money(value)


@register.filter
def roubles(value: Decimal | int | None) -> str:
    return "" if value is None else formats.format_roubles(value)


@register.simple_tag
def share(part: int | Decimal, whole: int | Decimal) -> str:
    return formats.format_share(part, whole)


@register.filter
def phone(value: PhoneNumber | str | None) -> str:
    return formats.format_phone(value)


@register.filter
def day(value: date | None) -> str:
    return "" if value is None else formats.format_day(value)


@register.filter
def weekday(value: date | None) -> str:
    return "" if value is None else formats.format_weekday(value)


@register.filter
def age(born_on: date | None, today: date) -> str:
    return "" if born_on is None else formats.format_age(born_on, today)


@register.filter
def duration(value: timedelta | None) -> str:
    return "" if value is None else formats.format_duration(value)


@register.filter
def moment(value: datetime | None, where: Branch | ZoneInfo) -> str:
    return "" if value is None else formats.format_moment(value, zone_of(where))


@register.filter
def clock(value: datetime | None, where: Branch | ZoneInfo) -> str:
    return "" if value is None else formats.format_clock(value, zone_of(where))


@register.filter
def local_date(value: datetime | None, where: Branch | ZoneInfo) -> date | None:
    """The day on the branch's wall, for `date:"Y-m-d"` in an address."""
    return None if value is None else value.astimezone(zone_of(where)).date()


@register.filter
def local_day(value: datetime | None, where: Branch | ZoneInfo) -> str:
    return "" if value is None else formats.format_day(value.astimezone(zone_of(where)).date())


@register.filter
def local_weekday(value: datetime | None, where: Branch | ZoneInfo) -> str:
    return "" if value is None else formats.format_weekday(value.astimezone(zone_of(where)).date())


@register.simple_tag
def local_time(value: datetime | None, where: Branch | ZoneInfo) -> SafeString | str:
    """A moment on the branch's wall, with the exact one for programs."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        value.isoformat(),
        formats.format_moment(value, zone_of(where)),
    )


def zone_of(where: Branch | ZoneInfo) -> ZoneInfo:
    return where if isinstance(where, ZoneInfo) else where.zone


# Parts of a page


register.simple_tag(draw_icon, name="icon")
register.simple_tag(draw_person, name="person")


@register.simple_tag
def status(text: str, *, tone: str = "neutral", icon: str = "point") -> SafeString:
    """A badge: colour, picture and word together."""
    return draw_status(str(text), tone, icon)


@register.filter
def note(message: Message) -> dict[str, object]:
    """A message of the request as the toast that a full page shows."""
    described = describe_message(message)
    tone, picture = NOTES.get(described["level"], ("info", "info-circle"))
    return {**described, "tone": tone, "icon": picture}


@register.inclusion_tag("components/tile.html")
def tile(  # the attributes of one HTML element
    figure: str | int,
    label: str,
    *,
    href: str = "",
    icon: str = "",
    tone: str = "accent",
    note: str = "",
    current: bool = False,
) -> dict[str, Any]:
    """One figure; `href` opens the rows it counts."""
    return {
        "figure": formats.format_number(figure) if isinstance(figure, int) else figure,
        "label": label,
        "href": href,
        "icon": icon,
        "tone": tone,
        "note": note,
        "current": current,
    }


@register.simple_block_tag
def empty(content: str, title: str, text: str = "", icon: str = "inbox") -> SafeString:
    """What an empty list says; the content between the tags is the buttons that fill it."""
    context = {"title": title, "text": text, "icon": icon, "actions": trimmed(content)}
    return render_to_string("components/empty.html", context)


@register.simple_block_tag
def timeline_item(  # the attributes of one HTML element
    content: str,
    title: str,
    at: datetime,
    where: Branch | ZoneInfo,
    icon: str = "point",
    tone: str = "neutral",
) -> SafeString:
    """One row of `<ol class="line">`; the content between the tags is its details."""
    context = {
        "title": title,
        "at": at,
        "zone": zone_of(where),
        "icon": icon,
        "tone": tone,
        "text": trimmed(content),
    }
    return render_to_string("components/timeline_item.html", context)


def trimmed(content: str) -> SafeString:
    """What stood between two tags: already markup, as the template engine has escaped it."""
    return mark_safe(content.strip())  # noqa: S308  # rendered by the engine


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any]) -> dict[str, Any]:
    """The pages of a list and how many rows it has; filters stay in the address."""
    return {
        "request": context["request"],
        "page": page,
        "numbers": list(
            page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        ),
        "gap": page.paginator.ELLIPSIS,
    }


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget of a form field, with the look of its kind."""
    widget = field.field.widget
    look = str(widget.attrs.get("class", ""))
    if isinstance(widget, CheckboxInput):
        look = f"form-check-input {look}"
    elif isinstance(widget, Select):
        look = f"form-select {look}"
    elif not field.use_fieldset:
        look = f"form-control {look}"
    attrs: dict[str, Any] = {"class": look.strip()} if look else {}
    return draw_select(field, attrs) if isinstance(widget, Select) else field.as_widget(attrs=attrs)


def draw_select(field: BoundField, attrs: dict[str, Any]) -> SafeString:
    """What `field.as_widget` draws of a select; a template for each of many doctors is slow."""
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id, **attrs}, widget)
    attrs = widget.build_attrs(widget.attrs, attrs)
    tag = flatatt({"multiple": widget.allow_multiple_selected, **attrs})
    groups = widget.optgroups(field.html_name, widget.format_value(field.value()))
    drawn = "".join(map(_draw_group, groups))
    return mark_safe(f'<select name="{field.html_name}"{tag}>{drawn}</select>')  # noqa: S308  # escaped below


def _draw_group(group: tuple[str | None, list[dict[str, Any]], int]) -> str:
    title, choices, _index = group
    drawn = "".join(map(_draw_option, choices))
    if not title:
        return drawn
    return f'<optgroup label="{conditional_escape(title)}">{drawn}</optgroup>'


def _draw_option(option: dict[str, Any]) -> str:
    value, label = conditional_escape(option["value"]), conditional_escape(option["label"])
    attrs = flatatt(option["attrs"]) if option["attrs"] else ""
    return f'<option value="{value}"{attrs}>{label}</option>'


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.simple_tag(takes_context=True)
def can_open(context: Context, view_name: str) -> bool:
    """Whether whoever looks at the page may open the address: `{% can_open "x:y" as may %}`."""
    return may_open(context["request"].user, view_name)


@register.simple_tag
def data(**values: Any) -> SafeString:
    """Attributes for scripts: `{% data slot_at=x %}` writes data-slot-at="x"."""
    pairs: Iterable[tuple[str, Any]] = ((key.replace("_", "-"), values[key]) for key in values)
    return format_html_join(" ", 'data-{}="{}"', pairs)


@register.simple_tag(takes_context=True)
def again(context: Context, name: str) -> str:
    """Show a block once more: the title of a page is both `<title>` and `<h1>`."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks is not None else None
    return "" if block is None else block.render(context)


@register.filter
def attributes(attrs: dict[str, Any]) -> SafeString:
    """The attributes of a form control; a template that asks of each what it is is slow."""
    return flatatt(attrs)
