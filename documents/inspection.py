"""What an uploaded .docx may be: a small plain archive of the parts that Word writes.

Nothing is unpacked to a disk, and no part is read further than its share, whatever its header says.
"""

import io
import zipfile
from posixpath import normpath
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from docx.opc.oxml import parse_xml

from outbox.errors import Refused

LARGEST_FILE = 2 * 1024 * 1024
LARGEST_PART = 4 * 1024 * 1024
LARGEST_UNPACKED = 12 * 1024 * 1024
MOST_PARTS = 300
DOCX = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
ACTIVE = ("vbaproject", "vbadata", "/activex/", "/embeddings/", "/ctrlprops/", "oleobject")
"""Parts that hold a program or another file."""


class NotADocument(Refused):
    code = "not_a_docx"
    status = 422
    message = _("This is no .docx file. Save the document in Word as “Word document (.docx)”.")


class TooLarge(Refused):
    code = "template_too_large"
    status = 422
    message = _("The file is too large: at most 2 MB, pictures included.")


class HasProgram(Refused):
    code = "template_has_program"
    status = 422
    message = _(
        "The file holds macros, embedded objects or links to other files. Save it without them."
    )


def inspect(content: bytes) -> None:
    """Raise `NotADocument`, `TooLarge` or `HasProgram` unless the file may be a template."""
    if len(content) > LARGEST_FILE:
        raise TooLarge
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _inspect_archive(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise NotADocument from error
    except RuntimeError as error:  # how zipfile says that a part wants a password
        raise NotADocument from error


def _inspect_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS:
        raise TooLarge
    if len(set(names)) != len(names) or not {"[Content_Types].xml", "word/document.xml"} <= set(
        names
    ):
        raise NotADocument
    unpacked = 0
    for part in parts:
        _check_name(part.filename)
        text = _read(archive, part)
        unpacked += len(text)
        if unpacked > LARGEST_UNPACKED:
            raise TooLarge
        if part.filename.lower().endswith((".xml", ".rels")):
            _check_text(part.filename, text)


def _check_name(name: str) -> None:
    if name.startswith(("/", "\\")) or "\\" in name or normpath(name).startswith(".."):
        raise NotADocument
    if any(sign in f"/{name}".lower() for sign in ACTIVE):
        raise HasProgram


def _read(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise NotADocument
    with archive.open(part) as stream:
        text = stream.read(LARGEST_PART + 1)
    if len(text) > LARGEST_PART:
        raise TooLarge
    return text


def _check_text(name: str, text: bytes) -> None:
    """Declarations of entities and links to other files have no place in a template."""
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in text:
        raise NotADocument
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise HasProgram
    if name == "[Content_Types].xml" and (DOCX not in text or b"macroEnabled" in text):
        raise NotADocument if DOCX not in text else HasProgram
    if name.lower().endswith(".rels") and any(map(_leads_out, _read_links(text))):
        raise HasProgram


def _read_links(text: bytes) -> list[Any]:
    try:
        root = parse_xml(cast("str", text))  # bytes, as they name their encoding themselves
    except SyntaxError as error:
        raise NotADocument from error
    return list(root.iter("*"))


def _leads_out(link: Any) -> bool:
    """Whether opening the document would fetch something; a hyperlink waits to be pressed."""
    is_outside = link.get("TargetMode", "").lower() == "external"
    return is_outside and not link.get("Type", "").endswith("/hyperlink")
