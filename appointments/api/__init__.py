from appointments.api.booking import (
    AppointmentArrive,
    AppointmentCancel,
    AppointmentConfirm,
    AppointmentDetail,
    AppointmentList,
    AppointmentMove,
    AppointmentOut,
    HoldList,
)
from appointments.api.bundles import BundleCancel, BundleList, BundleMove, BundleSearch
from appointments.api.slots import MomentField, SlotList

__all__ = [
    "AppointmentArrive",
    "AppointmentCancel",
    "AppointmentConfirm",
    "AppointmentDetail",
    "AppointmentList",
    "AppointmentMove",
    "AppointmentOut",
    "BundleCancel",
    "BundleList",
    "BundleMove",
    "BundleSearch",
    "HoldList",
    "MomentField",
    "SlotList",
]
