"""The wording that the product comes with, in Russian, so that a clinic prints on "
"its first day.

The contract follows the rules of paid medical services (Government of the Russian Federation,
No. 736, 11.05.2023), the consent follows article 20 of 323-FZ. A lawyer of the clinic reads them
before the first patient signs, and uploads the clinic's own.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import docx
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from documents.models import DocumentKind

if TYPE_CHECKING:
    from docx.styles.style import ParagraphStyle

CLINIC = (
    "{{ clinic.legal_name }}{% if clinic.tax_number %}, ИНН {{ clinic.tax_number "
    "}}{% endif %}"
    "{% if clinic.registration_number %}, ОГРН {{ clinic.registration_number }}{% "
    "endif %}"
    "{% if clinic.license %}, лицензия {{ clinic.license }}{% endif %}"
)
PATIENT = (
    "{{ patient.full_name }}{% if patient.birth_on %}, дата рождения {{ "
    "patient.birth_on }}"
    "{% endif %}"
)
IN_PERSON = (
    "{% if representative.full_name %}, в лице законного представителя "
    "{{ representative.full_name }}{% endif %}"
)

CONTRACT = (
    (
        "1. Предмет договора",
        (
            (
                "1.1. Исполнитель оказывает Пациенту платные медицинские услуги по "
                "действующему "
                "прейскуранту, а Пациент оплачивает их. Перечень, стоимость и срок услуг "
                "стороны указывают "
                "в актах об оказанных услугах, которые являются частью договора."
            ),
            (
                "1.2. Услуги оказываются по адресу: {{ branch.city }}, {{ branch.address }}"
                "{% if branch.phone %}, телефон {{ branch.phone }}{% endif %}."
            ),
            (
                "1.3. Пациент уведомлён, что он может получить медицинскую помощь "
                "бесплатно в рамках "
                "программы государственных гарантий, и согласен получить услуги за плату."
            ),
        ),
    ),
    (
        "2. Порядок оплаты",
        (
            (
                "2.1. Пациент оплачивает услуги наличными, картой или переводом на счёт "
                "Исполнителя в день "
                "оказания, если стороны не договорились о предоплате."
            ),
            (
                "2.2. Исполнитель выдаёт документ, подтверждающий оплату. Если нужны "
                "услуги сверх "
                "согласованных, они оказываются только с согласия Пациента."
            ),
        ),
    ),
    (
        "3. Обязанности сторон",
        (
            (
                "3.1. Исполнитель оказывает услуги качественно, в срок, силами "
                "специалистов с нужной "
                "квалификацией, предоставляет понятные сведения об услугах и хранит "
                "врачебную тайну."
            ),
            (
                "3.2. Пациент сообщает врачу сведения о своём здоровье, выполняет "
                "назначения и "
                "предупреждает об отмене визита заранее. Невыполнение назначений может "
                "снизить качество "
                "услуги."
            ),
            (
                "3.3. Пациент вправе отказаться от услуг в любой момент, оплатив "
                "фактически понесённые "
                "расходы Исполнителя."
            ),
        ),
    ),
    (
        "4. Ответственность и споры",
        (
            "4.1. За неисполнение договора стороны отвечают по закону Российской Федерации.",
            (
                "4.2. Споры решаются переговорами, а без согласия сторон — в суде. Срок "
                "ответа на "
                "претензию — 10 дней."
            ),
        ),
    ),
    (
        "5. Срок договора и персональные данные",
        (
            (
                "5.1. Договор действует со дня подписания до исполнения обязательств и "
                "составлен в двух "
                "экземплярах, по одному для каждой стороны."
            ),
            (
                "5.2. Пациент согласен на обработку персональных данных в объёме, нужном "
                "для исполнения "
                "договора и ведения медицинской документации."
            ),
        ),
    ),
)

CONSENT = (
    (
        "Я, {{ patient.full_name }}{% if patient.birth_on %}, {{ patient.birth_on "
        "}} года рождения"
        "{% endif %}{% if representative.full_name %}, от имени которого действует "
        "законный "
        "представитель {{ representative.full_name }}{% endif %}, даю добровольное "
        "информированное "
        "согласие на медицинское вмешательство в {{ clinic.legal_name }}, {{ "
        "branch.city }}, "
        "{{ branch.address }}: {{ visit.service }}."
    ),
    (
        "Врач {{ visit.doctor }} ({{ visit.position }}) в доступной форме разъяснил "
        "мне цели, способы "
        "и ожидаемые результаты вмешательства, связанный с ним риск, возможные "
        "варианты и последствия "
        "отказа."
    ),
    (
        "Мне разъяснено, что я вправе отказаться от вмешательства полностью или "
        "частично или "
        "потребовать его прекращения, кроме случаев, предусмотренных законом "
        "(статья 20 Федерального "
        "закона от 21.11.2011 № 323-ФЗ)."
    ),
    (
        "Я сообщил(а) о переносимости лекарств, аллергии, перенесённых и "
        "хронических заболеваниях и "
        "принимаемых препаратах."
    ),
    (
        "Сведения о состоянии моего здоровья могут быть переданы: "
        "_______________________________________________"
    ),
)

COLUMNS = (
    ("№", "line.number"),
    ("Услуга", "line.service"),
    ("Кол-во", "line.quantity"),
    ("Цена", "line.price"),
    ("Скидка", "line.discount"),
    ("Сумма", "line.sum"),
)


def build(kind: str) -> bytes:
    """Return the standard template of a kind as a .docx."""
    document = docx.Document()
    _set_page(document)
    {
        DocumentKind.CONTRACT: _write_contract,
        DocumentKind.ACT: _write_act,
        DocumentKind.CONSENT: _write_consent,
    }[DocumentKind(kind)](document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_page(document: Docx) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin = Cm(2.5), Cm(1.5)
    page.top_margin = page.bottom_margin = Cm(1.8)
    normal = cast("ParagraphStyle", document.styles["Normal"])
    normal.font.name, normal.font.size = "Times New Roman", Pt(11)
    properties = document.core_properties
    properties.author = properties.title = properties.comments = ""


def _write_contract(document: Docx) -> None:
    _write_title(document, "Договор № {{ document.number }} на оказание платных медицинских услуг")
    _write_place(document)
    document.add_paragraph(
        f"{CLINIC}{{% if clinic.signatory %}}, в лице {{{{ clinic.signatory }}}}{{% "
        "endif %}}, "
        f"далее «Исполнитель», и {PATIENT}{IN_PERSON}, далее «Пациент», заключили "
        "договор."
    )
    for heading, points in CONTRACT:
        _write_heading(document, heading)
        _write_points(document, points)
    _write_heading(document, "6. Реквизиты и подписи")
    _write_signatures(document)


def _write_act(document: Docx) -> None:
    _write_title(document, "Акт № {{ document.number }} об оказанных медицинских услугах")
    _write_place(document)
    document.add_paragraph(
        "{% if contract.number %}К договору № {{ contract.number }} от {{ "
        "contract.date }}. "
        f"{{% endif %}}{CLINIC}, далее «Исполнитель», и {PATIENT}{IN_PERSON}, далее "
        "«Пациент», "
        "составили акт о том, что {{ visit.date }} оказаны услуги. Принимал: {{ "
        "visit.doctor }}, "
        "{{ visit.position }}."
    )
    table = document.add_table(rows=4, cols=len(COLUMNS))
    table.style = "Table Grid"
    for number, (title, word) in enumerate(COLUMNS):
        table.cell(0, number).paragraphs[0].add_run(title).bold = True
        text = f"{{{{ {word} }}}}"
        if word == "line.service":
            text += "{% if line.note %} ({{ line.note }}){% endif %}"
        table.cell(2, number).text = text
    table.cell(1, 0).text = "{%tr for line in lines %}"
    table.cell(3, 0).text = "{%tr endfor %}"
    document.add_paragraph()
    _write_points(
        document,
        (
            (
                "Итого: {{ bill.total }} ({{ bill.total_words }}). Оплачено: {{ "
                "bill.paid }}."
                "{% if bill.debt %} Осталось оплатить: {{ bill.debt }}.{% endif %}"
            ),
            (
                "Услуги оказаны полностью и в срок. Пациент претензий к объёму, "
                "качеству и сроку не "
                "имеет."
            ),
        ),
    )
    _write_signatures(document)


def _write_consent(document: Docx) -> None:
    _write_title(document, "Информированное добровольное согласие № {{ document.number }}")
    _write_place(document)
    _write_points(document, CONSENT)
    document.add_paragraph()
    document.add_paragraph(
        "_________________ / {% if representative.short_name %}{{ "
        "representative.short_name }}"
        "{% else %}{{ patient.short_name }}{% endif %} /          {{ document.date }}"
    )
    document.add_paragraph("_________________ / {{ visit.doctor }} /")


def _write_title(document: Docx, text: str) -> None:
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(text)
    run.bold, run.font.size = True, Pt(13)


def _write_place(document: Docx) -> None:
    document.add_paragraph("{{ branch.city }}, {{ document.date }}")


def _write_heading(document: Docx, text: str) -> None:
    heading = document.add_paragraph()
    heading.paragraph_format.space_before = Pt(6)
    heading.add_run(text).bold = True


def _write_points(document: Docx, points: Sequence[str]) -> None:
    for point in points:
        paragraph = document.add_paragraph(point)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        paragraph.paragraph_format.space_after = Pt(4)


def _write_signatures(document: Docx) -> None:
    table = document.add_table(rows=1, cols=2)
    ours, theirs = table.rows[0].cells
    ours.text = (
        "Исполнитель\n{{ clinic.legal_name }}\n{% if clinic.legal_address %}"
        "{{ clinic.legal_address }}{% else %}{{ branch.city }}, {{ branch.address "
        "}}{% endif %}"
        "\n\n_________________ / {{ clinic.signatory }} /"
    )
    theirs.text = (
        "Пациент\n{{ patient.full_name }}\nПаспорт: ______________________\n"
        "{% if patient.phone %}Телефон: {{ patient.phone }}{% endif %}\n\n"
        "_________________ / {% if representative.short_name %}{{ "
        "representative.short_name }}"
        "{% else %}{{ patient.short_name }}{% endif %} /"
    )
