from appointments.api.booking import (
    AppointmentArrive,
    AppointmentCancel,
    AppointmentConfirm,
    AppointmentDetail,
    AppointmentList,
    AppointmentMove,
    AppointmentOut,
    HoldList,
    MomentField,
    SlotList,
)
from appointments.api.bundles import BundleCancel, BundleList, BundleMove, BundleSearch

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
