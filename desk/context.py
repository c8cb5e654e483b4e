from functools import cached_property
from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from clinic.access import may_open
from clinic.http import StaffRequest
from clinic.models import Role, User
from clinic.queries import name_of
from clinic.views.texts import version_of_texts
from desk.menu import Link, LinkGroup, find_address, find_entry, list_menu

PHONE_LINKS = 4


def shell(request: HttpRequest) -> dict[str, object]:
    """What the frame of a page shows. Computed only by templates that draw the frame."""
    return {"shell": Shell(request), "clinic_name": settings.CLINIC_NAME}


class Shell:
    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def theme(self) -> str:
        """Kept in a cookie, so that the page comes in the right colours at once."""
        return "dark" if self._request.COOKIES.get("theme") == "dark" else "light"

    @property
    def menu_width(self) -> str:
        return "narrow" if self._request.COOKIES.get("menu") == "narrow" else "wide"

    @cached_property
    def look(self) -> str:
        """All that the menu depends on, so that it is drawn once for everybody like this user."""
        user = self._request.user
        who = (user.role, user.is_superuser) if isinstance(user, User) else ()
        place = find_entry(self._request.path)
        return repr((get_language(), *who, user.is_staff, place, self.menu_width))

    @cached_property
    def menu(self) -> list[LinkGroup]:
        return list_menu(self._request.user, self._request.path)

    @cached_property
    def phone_links(self) -> list[Link]:
        """The first entries of the menu, for the bar at the bottom of a phone."""
        return [link for group in self.menu for link in group.links][:PHONE_LINKS]

    @cached_property
    def search_url(self) -> str:
        may = may_open(self._request.user, "desk:search")
        return find_address("desk:search") if may else ""

    @cached_property
    def books(self) -> bool:
        """Whoever books may do it over any page: the frame brings what the dialogs need."""
        return may_open(self._request.user, "desk:booking")

    @cached_property
    def user_name(self) -> str:
        user = self._request.user
        return name_of(user) if isinstance(user, User) else ""

    @property
    def role(self) -> str:
        user = self._request.user
        role = user.role if isinstance(user, User) else ""
        return str(Role(role).label) if role else ""

    @cached_property
    def has_branch(self) -> bool:
        """Whether there is a branch to be at."""
        try:
            return bool(cast("StaffRequest", self._request).branch.pk)
        except Http404:
            return False

    @property
    def texts_url(self) -> str:
        return f"{reverse('clinic:texts')}?{get_language()}-{version_of_texts()}"

    @property
    def home_url(self) -> str:
        return reverse("desk:home")
