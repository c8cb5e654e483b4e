"""How the states of an appointment look everywhere: colour, picture and word together."""

from dataclasses import dataclass

from appointments.models import AppointmentStatus


@dataclass(frozen=True, kw_only=True)
class Look:
    """`tone` is a tone of the design, `icon` a picture of the sprite."""

    tone: str
    icon: str


LOOKS: dict[str, Look] = {
    AppointmentStatus.BOOKED: Look(tone="warning", icon="circle-dashed"),
    AppointmentStatus.CONFIRMED: Look(tone="info", icon="circle-check"),
    AppointmentStatus.ARRIVED: Look(tone="violet", icon="armchair"),
    AppointmentStatus.IN_PROGRESS: Look(tone="accent", icon="stethoscope"),
    AppointmentStatus.DONE: Look(tone="success", icon="checks"),
    AppointmentStatus.CANCELLED: Look(tone="neutral", icon="ban"),
    AppointmentStatus.NO_SHOW: Look(tone="danger", icon="user-x"),
}
