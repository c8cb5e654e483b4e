"""A .docx as a plain page, to read and to print without Word: paragraphs, tables, alignment.

Pictures and exact fonts are in the file alone.
"""

import io
from collections.abc import Iterator
from typing import Protocol

import docx
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

ALIGNED = {
    WD_ALIGN_PARAGRAPH.CENTER: "center",
    WD_ALIGN_PARAGRAPH.RIGHT: "end",
    WD_ALIGN_PARAGRAPH.JUSTIFY: "justify",
}
DEEPEST = 3
"""Tables within tables are drawn so deep."""


def draw(content: bytes) -> SafeString:
    """Return the document as HTML, everything in it escaped."""
    document = docx.Document(io.BytesIO(content))
    return _join(
        [*_draw_edge(document, "header"), _draw(document, 0), *_draw_edge(document, "footer")]
    )


def _draw_edge(document: Docx, name: str) -> Iterator[SafeString]:
    """The header or footer of the first section, once."""
    for section in list(document.sections)[:1]:
        edge = getattr(section, name)
        if not edge.is_linked_to_previous:
            yield format_html('<div class="paper-edge">{}</div>', _draw(edge, 0))


class Block(Protocol):
    """A document, a header or footer, a cell."""

    def iter_inner_content(self) -> Iterator[Paragraph | Table]: ...


def _draw(block: Block, depth: int) -> SafeString:
    parts = []
    for item in block.iter_inner_content():
        if isinstance(item, Paragraph):
            parts.append(_draw_paragraph(item))
        elif depth < DEEPEST:
            parts.append(_draw_table(item, depth))
    return _join(parts)


def _draw_paragraph(paragraph: Paragraph) -> SafeString:
    align = next((name for sign, name in ALIGNED.items() if sign == paragraph.alignment), "start")
    style = paragraph.style.name if paragraph.style is not None else ""
    is_heading = (style or "").startswith(("Heading", "Title"))
    text = _join([_draw_run(run) for run in paragraph.runs])
    tag = '<h2 class="paper-{}">{}</h2>' if is_heading else '<p class="paper-{}">{}</p>'
    return format_html(tag, align, text)


def _draw_run(run: Run) -> SafeString:
    text = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in run.text.split("\n")))
    marks = ((run.bold, "<b>{}</b>"), (run.italic, "<i>{}</i>"), (run.underline, "<u>{}</u>"))
    for is_on, mark in marks:
        if is_on:
            text = format_html(mark, text)
    return text


def _draw_table(table: Table, depth: int) -> SafeString:
    is_ruled = table.style is not None and (table.style.name or "").endswith("Grid")
    rows = [
        format_html(
            "<tr>{}</tr>",
            _join([format_html("<td>{}</td>", _draw(cell, depth + 1)) for cell in row.cells]),
        )
        for row in table.rows
    ]
    kind = "paper-table paper-ruled" if is_ruled else "paper-table"
    return format_html('<table class="{}">{}</table>', kind, _join(rows))


def _join(parts: list[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
