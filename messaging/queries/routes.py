"""By which text and which way a patient is reached."""

from messaging.models import Template
from patients.models import Channel, ConsentPurpose, Patient
from patients.queries import find_address, list_consents


def get_template(*, code: str, channel: str, language: str) -> Template:
    """Return the text in the patient's language, in Russian where it was never translated."""
    texts = {row.language: row for row in Template.objects.filter(code=code, channel=channel)}
    return texts.get(language) or texts["ru"]


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
