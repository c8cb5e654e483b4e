"""What every template must keep to, so that the content security policy and the sprite hold."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Letters are for mail programs, which know nothing but inline styles; no page includes them.
PAGES = [path for path in TEMPLATES if path.name != "letter.html"]
INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=["']|<style|\son[a-z]+=["']|hx-on"""
)
STATIC = re.compile(r"""\{%\s*static\s+['"]([^'"]+)""")
ICON = re.compile(r"""\{%\s*icon\s+["']([^"']+)|\bicon=["']([a-z0-9-]+)["']""")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_compiles_and_has_nothing_inline(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))

    assert INLINE.findall(path.read_text("utf-8")) == []


def test_every_static_file_of_the_templates_is_shipped() -> None:
    shipped = {
        "/".join(filter(None, [getattr(storage, "prefix", ""), name]))
        for finder in get_finders()
        for name, storage in finder.list([])
    }

    assert sorted(set(mentions(STATIC, TEMPLATES)) - shipped) == []


def test_every_icon_is_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "clinic" / "icons.svg").read_text("utf-8")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    code = [path for path in ROOT.glob("*/**/*.py") if is_ours(path)]

    assert sorted(set(mentions(ICON, [*TEMPLATES, *code])) - drawn) == []


def test_the_lock_of_the_packages_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def mentions(pattern: re.Pattern[str], files: list[Path]) -> Iterator[str]:
    for file in files:
        for found in pattern.finditer(file.read_text("utf-8")):
            yield next(filter(None, found.groups()))


def is_ours(path: Path) -> bool:
    return not {".venv", "node_modules", "var", "tests"} & set(path.relative_to(ROOT).parts)
