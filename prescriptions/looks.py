"""How the states of a course line look everywhere: colour, picture and word together."""

from appointments.looks import Look
from prescriptions.models import LineStatus

LOOKS: dict[str, Look] = {
    LineStatus.PRESCRIBED: Look(tone="warning", icon="clipboard-plus"),
    LineStatus.HANDED_OVER: Look(tone="violet", icon="transfer"),
    LineStatus.BOOKED: Look(tone="info", icon="calendar-check"),
    LineStatus.ATTENDED: Look(tone="accent", icon="progress-check"),
    LineStatus.FINISHED: Look(tone="success", icon="checks"),
    LineStatus.DROPPED: Look(tone="neutral", icon="circle-x"),
}
