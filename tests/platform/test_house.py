"""The rules of the house that no linter knows: see `docs/architecture.md`."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_crm.embedded import ROOT

LONGEST_MODULE, LONGEST_TEST, LONGEST_FUNCTION, MOST_PARAMETERS = 400, 350, 45, 8
NAMES_OF_NO_ROOM = {"utils", "helpers", "common", "misc", "services", "managers", "signals"}
INLINE = re.compile(
    r"<script(?![^>]*(\bsrc=|application/json|importmap))|<style\b|\son\w+=[\"']|\sstyle=[\"']"
)
LETTERS = {"templates/messaging/letter.html"}  # mail programs read no style sheets
UNFINISHED = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]))


def list_tracked(*patterns: str) -> list[Path]:
    """Files of the project that stand in the tree, committed or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in told.split("\0") if name and (ROOT / name).is_file()]


def list_modules() -> list[Path]:
    return [path for path in list_tracked("*.py") if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_app_has_its_place_in_the_layers() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = settings["tool"]["importlinter"]
    placed = {
        name.strip() for layer in linter["contracts"][0]["layers"] for name in layer.split("|")
    }
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")}

    assert placed == packages == set(linter["root_packages"])
    assert set(linter["contracts"][1]["containers"]) == packages - {"clinic_crm"}


def test_no_module_outgrows_its_room() -> None:
    too_long = []
    for path in list_modules():
        limit = LONGEST_TEST if "tests" in path.parts else LONGEST_MODULE
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > limit:
            too_long.append(f"{named(path)}: {lines} lines")

    assert too_long == []


def test_functions_are_short_and_take_few_parameters() -> None:
    wrong = []
    for path in list_modules():
        for node in functions(path):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            width = len(node.args.args) + len(node.args.kwonlyargs)
            if size > LONGEST_FUNCTION:
                wrong.append(f"{named(path)}: {node.name} has {size} lines")
            if width > MOST_PARAMETERS and "tests" not in path.parts:
                wrong.append(f"{named(path)}: {node.name} takes {width} parameters")

    assert wrong == []


def test_no_room_has_a_name_that_says_nothing() -> None:
    assert [named(path) for path in list_modules() if path.stem in NAMES_OF_NO_ROOM] == []


@pytest.mark.parametrize("pattern", ["*.py", "*.html", "*.js", "*.css", "*.sql", "bin/*"])
def test_nothing_is_left_unfinished(pattern: str) -> None:
    files = list_tracked(pattern)

    assert [named(one) for one in files if UNFINISHED.search(one.read_text("utf-8"))] == []


def test_templates_have_no_inline_script_or_style() -> None:
    inline = [
        f"{named(path)}: {match[0].strip()}"
        for path in list_tracked("*.html")
        if named(path) not in LETTERS
        for match in INLINE.finditer(path.read_text(encoding="utf-8"))
    ]

    assert inline == []


def test_apps_do_not_import_the_project() -> None:
    """`clinic_crm` stands above them all; the layers contract says it once more, for all paths."""
    wrong = [
        named(path)
        for path in list_modules()
        if path.relative_to(ROOT).parts[0] not in {"clinic_crm", "tests", "benchmarks", "manage.py"}
        and re.search(r"^(from|import) clinic_crm\b", path.read_text("utf-8"), re.MULTILINE)
    ]

    assert wrong == []
