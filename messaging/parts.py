"""How many SMS a text takes (GSM 03.38, 3GPP TS 23.040)."""

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")
GSM_WHOLE, GSM_PART = 160, 153
UCS2_WHOLE, UCS2_PART = 70, 67


def count_parts(text: str) -> int:
    """Return the number of SMS: 160/153 letters of the Latin alphabet, 70/67 of any other.

    One letter outside the Latin alphabet makes the whole text dearer; an emoji counts as two.
    """
    if set(text) <= GSM | GSM_EXTENSION:
        length = len(text) + sum(letter in GSM_EXTENSION for letter in text)
        whole, part = GSM_WHOLE, GSM_PART
    else:
        length = len(text.encode("utf-16-le")) // 2
        whole, part = UCS2_WHOLE, UCS2_PART
    return 1 if length <= whole else -(-length // part)
