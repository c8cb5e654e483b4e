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
from appointments.api.prepaying import AppointmentPrepayments, PrepaymentReturn
from appointments.api.slots import MomentField, SlotList

__all__ = [
    "AppointmentArrive",
    "AppointmentCancel",
    "AppointmentConfirm",
    "AppointmentDetail",
    "AppointmentList",
    "AppointmentMove",
    "AppointmentOut",
    "AppointmentPrepayments",
    "BundleCancel",
    "BundleList",
    "BundleMove",
    "BundleSearch",
    "HoldList",
    "MomentField",
    "PrepaymentReturn",
    "SlotList",
]
