"""Which way a patient is reached, and which ways are closed now."""

from messaging.models import ChannelPause
from patients.models import Channel, ConsentPurpose, Patient
from patients.queries import find_address, list_consents


def list_addresses(*, patient: Patient) -> dict[str, str]:
    """Return the address that each channel would use, the preferred channel first."""
    channels = sorted(Channel.values, key=lambda channel: channel != patient.channel)
    found = {channel: find_address(patient=patient, channel=channel) for channel in channels}
    return {channel: address for channel, address in found.items() if address}


def list_marketing_channels(*, patient_id: int) -> set[str]:
    """Return the channels on which the patient agrees to marketing now."""
    return {
        state.channel
        for state in list_consents(patient_id=patient_id)
        if state.purpose == ConsentPurpose.MARKETING and state.is_given
    }


def list_pauses() -> list[ChannelPause]:
    """Return the channels whose gateway takes nothing, with the reason."""
    return list(ChannelPause.objects.order_by("channel"))
