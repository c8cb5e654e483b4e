from clinic.models.accounts import Integration, Role, User
from clinic.models.closures import BranchDay, BranchDayKind, Closure
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
from clinic.models.rotations import MOST_DAYS, Rotation, RotationDay, RotationException
from clinic.models.setting import Setting
from clinic.models.staff import Employee, OwnTerms

__all__ = [
    "MOST_DAYS",
    "Branch",
    "BranchDay",
    "BranchDayKind",
    "Closure",
    "Device",
    "Employee",
    "Integration",
    "OwnTerms",
    "RepeatWith",
    "Role",
    "Room",
    "Rotation",
    "RotationDay",
    "RotationException",
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
