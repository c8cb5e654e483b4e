from clinic.models.accounts import Integration, Role, User
from clinic.models.hours import (
    Shift,
    Shifted,
    TimeOff,
    TimeOffKind,
    TsTzRange,
    period,
    period_with_buffers,
)
from clinic.models.places import Branch, Device, Room, check_time_zone
from clinic.models.price_list import RepeatWith, Service, ServiceKind
from clinic.models.setting import Setting
from clinic.models.staff import Employee, OwnTerms

__all__ = [
    "Branch",
    "Device",
    "Employee",
    "Integration",
    "OwnTerms",
    "RepeatWith",
    "Role",
    "Room",
    "Service",
    "ServiceKind",
    "Setting",
    "Shift",
    "Shifted",
    "TimeOff",
    "TimeOffKind",
    "TsTzRange",
    "User",
    "check_time_zone",
    "period",
    "period_with_buffers",
]
