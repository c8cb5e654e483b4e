"""What somebody may put into a .docx that he uploads, and what becomes of it."""

import io
import zipfile

import pytest

from documents.actions import WrongTemplate, upload_template
from documents.filling import fill, sample
from documents.inspection import LARGEST_FILE, HasProgram, NotADocument, TooLarge
from documents.models import DocumentKind, DocumentTemplate
from documents.standard import build
from outbox.errors import Refused
from tests.documents.conftest import NOON, read_docx, write_docx

pytestmark = pytest.mark.django_db


def upload(content: bytes) -> DocumentTemplate:
    return upload_template(kind="ACT", name="act.docx", content=content, actor_id=None, now=NOON)


def repack(
    content: bytes, *, add: dict[str, bytes] | None = None, old: bytes = b"", new: bytes = b""
) -> bytes:
    """The archive with parts added, and text put in place of other text in every XML part."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            text = source.read(part)
            target.writestr(part.filename, text.replace(old, new) if old else text)
        for name, text in (add or {}).items():
            target.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ patient.__class__ }}",
        "{{ patient['full_name'] }}",
        "{{ patient.full_name.__class__ }}",
        "{{ patient.full_name.format(1) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ self._TemplateReference__context }}",
        "{{ request }}",
        "{{ patient }}",
        "{{ patient.password }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ patient.full_name ~ patient.full_name }}",
        "{{ patient.full_name | upper }}",
        "{% for n in range(1000000000) %}x{% endfor %}",
        "{% for line in lines %}{% for again in lines %}x{% endfor %}{% endfor %}",
        "{% for line in lines recursive %}{{ loop(lines) }}{% endfor %}",
        "{% for patient in lines %}{{ patient.service }}{% endfor %}",
        "{% for line in lines %}{{ line.secret }}{% endfor %}",
        "{{ line.service }}",
        "{% set a = 1 %}",
        "{% macro a() %}{{ a() }}{% endmacro %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'base.html' %}",
        "{% if patient.full_name == 'a' %}b{% endif %}",
        "{% if 1 %}b{% endif %}",
        "{% filter upper %}a{% endfilter %}",
        "{% raw %}{{ x }}{% endraw %}{{ y }}",
        "{% call patient() %}{% endcall %}",
        "{{ patient.full_name",
        "{% if patient.full_name %}",
        "{% if patient.full_name %}" * 50 + "{% endif %}" * 50,
        "{{ " + "(" * 500 + "patient.full_name" + ")" * 500 + " }}",
    ],
)
def test_nothing_but_known_words_is_let_in(text: str) -> None:
    with pytest.raises(WrongTemplate):
        upload(write_docx(text))

    assert not DocumentTemplate.objects.exists()


def test_the_properties_of_the_file_are_no_way_in_either() -> None:
    content = repack(
        write_docx("{{ patient.full_name }}"), old=b"python-docx", new=b"{{ cycler.__init__ }}"
    )

    with pytest.raises(WrongTemplate):
        upload(content)


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ({"word/vbaProject.bin": b"macro"}, HasProgram),
        ({"word/embeddings/oleObject1.bin": b"object"}, HasProgram),
        ({"word/activeX/activeX1.xml": b"<ax/>"}, HasProgram),
        ({"../../etc/cron.d/x": b"* * * * *"}, NotADocument),
        ({"/etc/passwd": b"x"}, NotADocument),
        ({"word/extra.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, HasProgram),
        ({"word/_rels/x.rels": b'<R TargetMode="External" Target="http://evil/t"/>'}, HasProgram),
        (
            {"word/_rels/x.rels": b'<R><L TargetMode="&#69;xternal" Target="http://e/t"/></R>'},
            HasProgram,
        ),
        ({"word/_rels/X.RELS": b'<R><L TargetMode="external" Target="//e/t"/></R>'}, HasProgram),
        ({"word/_rels/x.rels": b"<R"}, NotADocument),
        ({"word/big.bin": b"\0" * (5 * 1024 * 1024)}, TooLarge),
        ({f"word/{n}.bin": b"\0" * (3 * 1024 * 1024) for n in range(5)}, TooLarge),
        ({f"word/{n}.bin": b"" for n in range(400)}, TooLarge),
    ],
)
def test_an_archive_with_something_else_in_it_is_refused(
    parts: dict[str, bytes], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        upload(repack(write_docx("text"), add=parts))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"\xd0\xcf\x11\xe0" * 100, b"x" * 10_000]
)
def test_what_is_no_docx_is_refused(content: bytes) -> None:
    with pytest.raises(NotADocument):
        upload(content)


def test_a_macro_document_renamed_is_refused() -> None:
    plain = b"openxmlformats-officedocument.wordprocessingml.document.main+xml"

    with pytest.raises(NotADocument):
        upload(repack(write_docx("a"), old=plain, new=b"ms-word.document.macroEnabled.main+xml"))


def test_a_broken_document_is_refused() -> None:
    with pytest.raises(NotADocument):
        upload(repack(write_docx("a"), old=b"<w:body>", new=b"<w:bod"))


def test_a_file_too_large_is_not_even_opened() -> None:
    with pytest.raises(TooLarge):
        upload(b"\0" * (LARGEST_FILE + 1))


@pytest.mark.parametrize("kind", DocumentKind.values)
def test_the_standard_wordings_pass_what_uploads_must(kind: str) -> None:
    written = upload_template(
        kind=kind, name="own.docx", content=build(kind), actor_id=None, now=NOON
    )

    assert written.version == 1


def test_what_is_filled_in_is_text_whatever_it_says() -> None:
    told = sample()
    told["patient"]["full_name"] = "{{ 7 * 7 }} <w:br/> & {% raw %}"

    text = read_docx(fill(write_docx("{{ patient.full_name }}"), told))

    assert "49" not in text
    assert "<w:br/> &" in text
