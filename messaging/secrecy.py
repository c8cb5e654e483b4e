"""What a text on an open channel must not tell: that, and why, somebody sees a doctor.

Law 323-FZ, art. 13: the fact of seeking care is itself a secret. A telephone lies on a table and
a mailbox is shared, so an SMS or an e-mail names no service, specialty, examination or illness.
"""

import re
from collections.abc import Iterable

from clinic.names import fold

STEMS = (
    # specialties
    "аллерголог", "андролог", "венеролог", "гастроэнтеролог", "гематолог", "гинеколог",
    "дерматолог", "инфекционист", "кардиолог", "логопед", "маммолог", "мануальн", "нарколог",
    "невролог", "невропатолог", "нефролог", "онколог", "ортопед", "остеопат", "отоларинголог",
    "офтальмолог", "педиатр", "проктолог", "психиатр", "психолог", "психотерап", "пульмонолог",
    "ревматолог", "реабилитолог", "репродуктолог", "сексолог", "стоматолог", "терапевт",
    "травматолог", "трихолог", "уролог", "флеболог", "хирург", "эндокринолог",
    # what is done
    "вакцин", "диагностик", "имплант", "инъекци", "капельниц", "лечени", "массаж", "операци",
    "процедур", "рентген", "терапи", "томограф", "ультразвук", "физиотерап", "эндоскоп",
    # what is found
    "аборт", "анализ", "беременн", "болезн", "гепатит", "депресси", "диабет", "диагноз", "заболев",
    "инфекц", "опухол", "перелом", "сифилис", "туберкул",
    # English
    "abortion", "biops", "cancer", "cardiolog", "dentist", "dermatolog", "diagnos", "gynaecolog",
    "gynecolog", "infection", "massage", "neurolog", "oncolog", "orthop", "pregnan", "psychiatr",
    "psycholog", "surgeon", "surgery", "therap", "treatment", "ultrasound", "urolog", "vaccin",
    "x-ray",
)  # fmt: skip
WORDS = (
    "вич", "зппп", "кт", "лор", "лфк", "мрт", "спид", "узи", "экг", "ээг",
    "aids", "ecg", "hiv", "mri", "std",
)  # fmt: skip

_STEM = re.compile(rf"\b(?:{'|'.join(STEMS)})\w*|\b(?:{'|'.join(WORDS)})\b")


def find_secrets(text: str, *, names: Iterable[str] = ()) -> list[str]:
    """Return what gives a patient away, as written in the text, each once.

    `names` are the clinic's own: services of its price list, positions of its specialists.
    """
    folded = fold(text)
    found = _STEM.findall(folded)
    found += [
        name for name in map(fold, names) if name and re.search(rf"\b{re.escape(name)}\b", folded)
    ]
    return list(dict.fromkeys(found))
