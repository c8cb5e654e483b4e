"""Filling a template without letting it do anything.

Jinja is a programming language, and whoever uploads a template writes in it. So every piece that is
going to be run, at upload and at each filling, is read first, and only printing a known word, a
condition on known words and a loop over `lines` are let through: no calls, no filters, no
arithmetic, no item access, no assignments. The sandbox stands behind that once more.
"""

import io
from collections.abc import Mapping
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from documents.words import LISTS, WORDS, Words

MOST_NESTED = 4
"""How deep conditions and loops may stand in each other."""

MOST_PIECES = 2_000
"""How many tags a template may have."""

Scope = Mapping[str, Words]


class WrongWord(TemplateError):
    """`word` is what stands in the template and is not allowed there."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class PlainEnvironment(ImmutableSandboxedEnvironment):
    """Runs only what `check_tree` has let through."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        check_tree(tree)
        return tree


def check_tree(tree: nodes.Template) -> None:
    """Raise `WrongWord` for the first thing that a template may not have."""
    if sum(1 for _node in tree.find_all((nodes.Output, nodes.For, nodes.If))) > MOST_PIECES:
        raise WrongWord("{% … %}")
    _check_body(tree.body, WORDS, depth=0)


def _check_body(body: list[nodes.Node], scope: Scope, *, depth: int) -> None:
    if depth > MOST_NESTED:
        raise WrongWord("{% if %} {% for %}")
    for node in body:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        _check_word(part, scope)
            case nodes.If():
                _check_condition(node.test, scope, depth=depth)
                _check_body(node.body, scope, depth=depth + 1)
                _check_body([*node.elif_], scope, depth=depth + 1)
                _check_body(node.else_, scope, depth=depth + 1)
            case nodes.For(
                target=nodes.Name(name=item),
                iter=nodes.Name(name=of),
                test=None,
                recursive=False,
                else_=[],
            ) if of in LISTS and item not in WORDS and item not in LISTS:
                # A loop within a loop would multiply, and nothing here has two dimensions.
                inner = {name: words for name, words in scope.items() if name in WORDS}
                if len(inner) != len(scope):
                    raise WrongWord(of)
                _check_body(node.body, inner | {item: LISTS[of]}, depth=depth + 1)
            case _:
                raise WrongWord(_name_of(node))


def _check_condition(test: nodes.Node, scope: Scope, *, depth: int) -> None:
    """A word that is there or is not, `not`, `and`, `or`; a list that has something."""
    if depth > MOST_NESTED + MOST_NESTED:
        raise WrongWord("{% if %}")
    match test:
        case nodes.Not(node=inner):
            _check_condition(inner, scope, depth=depth + 1)
        case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
            _check_condition(left, scope, depth=depth + 1)
            _check_condition(right, scope, depth=depth + 1)
        case nodes.Name(name=name) if name in LISTS:
            return
        case _:
            _check_word(test, scope)


def _check_word(node: nodes.Node, scope: Scope) -> None:
    match node:
        case nodes.Getattr(node=nodes.Name(name=group), attr=word):
            if word in scope.get(group, {}):
                return
            raise WrongWord(f"{group}.{word}")
    raise WrongWord(_name_of(node))


def _name_of(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=inner, attr=attr):
            return f"{_name_of(inner)}.{attr}"
    return type(node).__name__.lower()


def fill(content: bytes, told: Mapping[str, Any]) -> bytes:
    """Return the document with the words filled in. Raises `TemplateError`."""
    template = DocxTemplate(io.BytesIO(content))
    template.render(dict(told), jinja_env=PlainEnvironment(), autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def sample() -> dict[str, Any]:
    """Return something for every word, to try a template on."""
    words = {group: {word: f"[{word}]" for word in has} for group, has in WORDS.items()}
    lists = {name: [{word: f"[{word}]" for word in has}] * 2 for name, has in LISTS.items()}
    return {**words, **lists}
