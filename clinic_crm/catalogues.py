"""Message catalogues: what is said in code, templates and scripts, and its Russian.

Each app owns `<app>/locale/ru/LC_MESSAGES/`: `django.po` for its Python and `templates/<app>/`,
`djangojs.po` for `static/<app>/`. Pages at the root of `templates/` and the components they are
made of belong to `desk`. Babel does the work, as a fresh machine has no GNU gettext. Files keep no
dates and no line numbers, so two branches rarely touch the same line.

`python -m clinic_crm.catalogues` compiles what changed; it needs no Django and so starts at once.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
HOME_OF_ROOT_TEMPLATES = "desk"
LANGUAGE = "ru"
WIDTH = 96

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}

HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Clinic CRM\\n"
"Language: ru\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || "
"n%100>=20) ? 1 : 2);\\n"

"""

# Line; message, or singular with plural; context.
Found = tuple[int, Any, str | None]


@dataclass(frozen=True)
class Domain:
    """One catalogue of one app and the files it is drawn from."""

    path: Path
    sources: tuple[Path, ...]

    def update(self) -> None:
        """Add what is new, drop what nobody says any more, keep every translation."""
        catalogue = self.merged()
        if len(catalogue) == 0:
            self.path.unlink(missing_ok=True)
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        body = io.BytesIO()
        write_po(
            body,
            catalogue,
            width=WIDTH,
            no_location=True,
            omit_header=True,
            sort_output=True,
            ignore_obsolete=True,
        )
        self.path.write_bytes(HEADER.encode() + body.getvalue())

    def merged(self) -> Catalog:
        template = Catalog(locale=LANGUAGE)
        for source in self.sources:
            for _line, message, context in extract_messages(source):
                template.add(message, context=context)
        catalogue = self.stored()
        catalogue.update(template, no_fuzzy_matching=True)
        return catalogue

    def stored(self) -> Catalog:
        if not self.path.exists():
            return Catalog(locale=LANGUAGE)
        with self.path.open("rb") as file:
            return read_po(file, locale=LANGUAGE, domain=self.path.stem)

    def complaints(self) -> Iterator[str]:
        """What keeps this catalogue from being complete and true, one line each."""
        where, stored, merged = self.path.relative_to(ROOT), self.stored(), self.merged()
        known = {_key(message) for message in stored if message.id}
        wanted = {_key(message) for message in merged if message.id}
        yield from (f"{where}: missing {text!r}" for text, _ in sorted(wanted - known))
        yield from (f"{where}: nobody says {text!r}" for text, _ in sorted(known - wanted))
        for message in stored:
            if message.id and _key(message) in wanted:
                yield from (f"{where}: {fault}" for fault in _faults(message, stored))


def _key(message: Message) -> tuple[str, str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return text, str(message.context or "")


def _faults(message: Message, catalogue: Catalog) -> Iterator[str]:
    text, _context = _key(message)
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if not strings or not all(strings):
        yield f"untranslated {text!r}"
        return
    if message.fuzzy:
        yield f"fuzzy {text!r}"
    yield from (f"{text!r}: {error}" for error in message.check(catalogue))


def extract_messages(source: Path) -> list[Found]:
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".py":
        return _extract("python", text)
    if source.suffix == ".js":
        return _extract("javascript", text, parse_template_string="true")
    # Templates: Django blanks out all but the gettext calls, one line for one line; without
    # their indent the lines are tokens that Babel's reader of Python accepts.
    calls = templatize(text, origin=str(source))
    return _extract("python", "\n".join(re.sub(r"^\s+", "", line) for line in calls.split("\n")))


def _extract(method: str, text: str, **options: str) -> list[Found]:
    found = extract(method, io.BytesIO(text.encode()), keywords=KEYWORDS, options=options)
    return [(line, message, context) for line, message, _comments, context in found]


def list_complaints() -> list[str]:
    """All that is missing, stale or wrong in any catalogue; empty when Russian is complete."""
    domains = list_domains()
    faults = [line for domain in domains for line in domain.complaints()]
    return faults + list(_disagreements(domains))


def _disagreements(domains: Iterable[Domain]) -> Iterator[str]:
    """Django knows one translation per text: two rooms that differ must say `pgettext`."""
    seen: dict[tuple[str, str, str], dict[str, str]] = {}
    for domain in domains:
        app = domain.path.relative_to(ROOT).parts[0]
        for message in domain.stored():
            if message.id and message.string:
                variants = seen.setdefault((domain.path.stem, *_key(message)), {})
                variants.setdefault(str(message.string), app)
    for (_stem, text, _context), variants in sorted(seen.items()):
        if len(variants) > 1:
            told = ", ".join(f"{app}: {string}" for string, app in variants.items())
            yield f"{text!r} is translated in two ways ({told})"


def list_domains() -> list[Domain]:
    """Every catalogue that stands or should stand."""
    return [
        domain
        for app in sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
        for domain in (_python_domain(app), _script_domain(app))
    ]


def _python_domain(app: str) -> Domain:
    sources = [*_files(ROOT / app, "*.py"), *_files(ROOT / "templates" / app, "*")]
    if app == HOME_OF_ROOT_TEMPLATES:
        sources += [path for path in sorted((ROOT / "templates").glob("*")) if path.is_file()]
        sources += _files(ROOT / "templates" / "components", "*")
    return Domain(_catalogue(app, "django"), tuple(sources))


def _script_domain(app: str) -> Domain:
    return Domain(_catalogue(app, "djangojs"), tuple(_files(ROOT / "static" / app, "*.js")))


def _catalogue(app: str, domain: str) -> Path:
    return ROOT / app / "locale" / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"


def _files(folder: Path, pattern: str) -> Iterable[Path]:
    return (path for path in sorted(folder.rglob(pattern)) if path.is_file())


def compile_catalogues() -> None:
    """Write the `.mo` beside each `.po` that is newer."""
    for source in sorted(ROOT.glob("*/locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime > source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=LANGUAGE)
        with compiled.open("wb") as file:
            write_mo(file, catalogue)


if __name__ == "__main__":
    compile_catalogues()
