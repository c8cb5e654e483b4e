"""The menu, in one place. Everybody sees of it what the access table lets them open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.access import may_open
from clinic.models import Role, User


@dataclass(frozen=True, kw_only=True)
class Item:
    """`view_name` is an address of the access table; `icon` is one of the sprite.

    `is_office`: it belongs to Django's administration, which lets in `is_staff` accounts alone.
    """

    title: str | Promise
    view_name: str
    icon: str
    is_office: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str | Promise
    items: tuple[Item, ...]


MENU = (
    Section(
        title=_("Reception"),
        items=(
            Item(title=_("Board"), view_name="desk:board", icon="layout-kanban"),
            Item(title=_("Schedule"), view_name="desk:schedule", icon="calendar-week"),
            Item(title=_("My day"), view_name="desk:my_day", icon="stethoscope"),
            Item(title=_("My procedures"), view_name="prescriptions:my_lines", icon="massage"),
            Item(title=_("Tasks"), view_name="worklist:tasks", icon="checklist"),
            Item(title=_("Requests"), view_name="intake:requests", icon="inbox"),
            Item(title=_("Patients"), view_name="desk:patients", icon="users"),
            Item(title=_("Courses"), view_name="prescriptions:courses", icon="clipboard-list"),
            Item(title=_("Waiting list"), view_name="waitlist:list", icon="hourglass"),
            Item(title=_("Packages"), view_name="packages:packages", icon="ticket"),
            Item(title=_("Till"), view_name="till:till", icon="cash-register"),
        ),
    ),
    Section(
        title=pgettext_lazy("menu", "Marketing"),
        items=(
            Item(title=_("Segments"), view_name="campaigns:segments", icon="filter"),
            Item(title=_("Scenarios"), view_name="campaigns:scenarios", icon="route"),
            Item(title=_("Messages"), view_name="messaging:messages", icon="message-2"),
            Item(title=_("Loyalty"), view_name="loyalty:points", icon="gift"),
        ),
    ),
    Section(
        title=_("Results"),
        items=(
            Item(title=_("Funnel"), view_name="reports:funnel", icon="chart-funnel"),
            Item(title=_("Freed times"), view_name="reports:rescue", icon="calendar-check"),
            Item(title=_("Feedback"), view_name="feedback:cases", icon="message-star"),
        ),
    ),
    Section(
        title=_("Upkeep"),
        items=(
            Item(title=_("Online booking"), view_name="online:settings", icon="world"),
            Item(title=_("Import"), view_name="intake:imports", icon="file-import"),
            Item(
                title=_("Wordings of documents"),
                view_name="documents:templates",
                icon="file-text",
            ),
            Item(title=_("Deliveries"), view_name="outbox:deliveries", icon="transfer"),
            Item(title=_("Access journal"), view_name="desk:journal", icon="shield-lock"),
            Item(
                title=_("Administration"),
                view_name="admin:index",
                icon="settings",
                is_office=True,
            ),
        ),
    ),
)

# Where each role's day begins.
HOMES = {
    Role.ADMINISTRATOR: "desk:board",
    Role.DOCTOR: "desk:my_day",
    Role.MARKETER: "campaigns:segments",
    Role.MANAGER: "reports:funnel",
}


@dataclass(frozen=True, kw_only=True)
class Link:
    title: str
    href: str
    icon: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class LinkGroup:
    title: str
    links: tuple[Link, ...]


def list_menu(user: User | AnonymousUser, path: str) -> list[LinkGroup]:
    """The menu of `user`; the entry whose pages contain `path` is marked as current."""
    open_items = [(section, list(list_open(section, user))) for section in MENU]
    addresses = [href for _section, items in open_items for _item, href in items]
    current = _longest(addresses, path)
    return [
        LinkGroup(
            title=str(section.title),
            links=tuple(
                Link(title=str(item.title), href=href, icon=item.icon, is_current=href == current)
                for item, href in items
            ),
        )
        for section, items in open_items
        if items
    ]


def find_entry(path: str) -> str:
    """The address of the entry whose pages contain `path`, open to the user or not; maybe empty."""
    items = (item for section in MENU for item in section.items)
    return _longest((find_address(item.view_name) for item in items), path)


def _longest(addresses: Iterable[str], path: str) -> str:
    return max((href for href in addresses if path.startswith(href)), key=len, default="")


def list_open(section: Section, user: User | AnonymousUser) -> Iterator[tuple[Item, str]]:
    for item in section.items:
        href = find_address(item.view_name)
        is_shut = item.is_office and not user.is_staff
        if href and not is_shut and may_open(user, item.view_name):
            yield item, href


@cache
def find_address(view_name: str) -> str:
    """The path of an address without arguments; empty if there is no such page."""
    try:
        return reverse(view_name)
    except NoReverseMatch:
        return ""


def find_home(user: User | AnonymousUser) -> str:
    """Where the user's day begins; empty for someone who may open nothing."""
    role = user.role if isinstance(user, User) else ""
    home = HOMES.get(Role(role), "") if role else ""
    if home and may_open(user, home) and (href := find_address(home)):
        return href
    groups = list_menu(user, "")
    return groups[0].links[0].href if groups else ""
