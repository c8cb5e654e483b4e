from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from clinic_crm import catalogues
from clinic_crm.catalogues import Domain, extract_messages


def test_russian_is_complete_and_says_nothing_stale() -> None:
    assert catalogues.list_complaints() == []


def test_templates_give_all_their_texts(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        """{% load i18n %}
          <p title="{% translate "It's here" %}">{{ name|default:_("nobody") }}</p>
              {% blocktranslate trimmed %}
                Dear {{ name }},
                come   again
              {% endblocktranslate %}
        {% blocktranslate count n=visits %}{{ n }} visit{% plural %}{{ n }} visits
        {% endblocktranslate %}
        {% translate "Close" context "dialog" %} {# a comment with 'quotes #} <i>it's plain</i>
        """,
        encoding="utf-8",
    )

    assert [(message, context) for _line, message, context in extract_messages(page)] == [
        ("It's here", None),
        ("nobody", None),
        ("Dear %(name)s, come   again", None),
        (("%(n)s visit", "%(n)s visits\n        "), None),
        ("Close", "dialog"),
    ]


def test_scripts_give_their_texts_even_inside_a_template_literal(tmp_path: Path) -> None:
    script = tmp_path / "board.js"
    script.write_text(
        'const a = gettext("Free"); const b = `<b>${ngettext("%s slot", "%s slots", n)}</b>`;',
        encoding="utf-8",
    )

    found = [message for _line, message, _context in extract_messages(script)]

    assert found == ["Free", ("%s slot", "%s slots")]


@pytest.fixture
def domain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Domain:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    source = tmp_path / "views.py"
    source.write_text('_("Book"); ngettext("%(n)d day", "%(n)d days", n)', encoding="utf-8")
    return Domain(tmp_path / "app" / "locale" / "django.po", (source,))


def test_an_update_keeps_translations_adds_and_drops(domain: Domain) -> None:
    domain.update()
    text = domain.path.read_text(encoding="utf-8")
    domain.path.write_text(
        text.replace('msgid "Book"\nmsgstr ""', 'msgid "Book"\nmsgstr "Записать"')
        + '\nmsgid "Gone"\nmsgstr "Нет"\n',
        encoding="utf-8",
    )

    domain.update()

    with domain.path.open("rb") as file:
        stored = {m.id: m.string for m in read_po(file, locale="ru") if m.id}
    assert stored == {"Book": "Записать", ("%(n)d day", "%(n)d days"): ("", "", "")}


def test_complaints_name_the_untranslated_the_stale_and_the_wrong(domain: Domain) -> None:
    domain.path.parent.mkdir(parents=True)
    domain.path.write_text(
        catalogues.HEADER
        + 'msgid "Gone"\nmsgstr "Нет"\n\n'
        + '#, python-format\nmsgid "%(n)d day"\nmsgid_plural "%(n)d days"\n'
        + 'msgstr[0] "%(n)d день"\nmsgstr[1] "%(m)d дня"\nmsgstr[2] "%(n)d дней"\n',
        encoding="utf-8",
    )

    complaints = list(domain.complaints())

    assert [line.split(": ", 1)[1] for line in complaints] == [
        "missing 'Book'",
        "nobody says 'Gone'",
        "'%(n)d day': unknown named placeholder 'm'",
    ]


def test_the_compiled_catalogue_is_what_the_user_reads() -> None:
    with translation.override("ru"):
        assert translation.gettext("English") == "Английский"
