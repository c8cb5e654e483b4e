from django.http import HttpRequest
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from clinic.access import may_open


class ByAccessTable(BasePermission):
    """The access table for endpoints, whose user is known only after the token was read."""

    def has_permission(self, request: Request, view: object) -> bool:
        return may_open(request.user, name_of_address(request))


def name_of_address(request: Request | HttpRequest) -> str:
    """The "namespace:name" of the address that is being opened; empty if it has none."""
    match = request.resolver_match
    return match.view_name if match is not None else ""
