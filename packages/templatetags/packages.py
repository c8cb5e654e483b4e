from django import template
from django.utils.safestring import SafeString

from clinic.markup import draw_status
from packages.codes import write_code
from packages.models import PackageStatus
from packages.queries import Holding

register = template.Library()

LOOKS = {
    PackageStatus.WAITING: ("neutral", "clock"),
    PackageStatus.ACTIVE: ("success", "circle-check"),
    PackageStatus.FROZEN: ("info", "snowflake"),
    PackageStatus.USED_UP: ("neutral", "checks"),
    PackageStatus.EXPIRED: ("danger", "hourglass"),
    PackageStatus.REFUNDED: ("warning", "receipt-refund"),
}


@register.filter
def package_code(code: str) -> str:
    return write_code(code)


@register.simple_tag
def package_state(holding: Holding) -> SafeString:
    """Where a package stands, in colour, picture and word."""
    tone, icon = LOOKS[PackageStatus(holding.status)]
    return draw_status(holding.status_label, tone, icon)
