from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

ZONE = ZoneInfo("Europe/Moscow")


def render(source: str, **context: object) -> str:
    return Template("{% load crm %}" + source).render(Context(context)).strip()


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in render('{% icon "phone" %}')
    assert 'role="img" aria-label="a &lt;b&gt;"' in render(
        '{% icon "x" label=text %}', text="a <b>"
    )


def test_a_status_is_told_by_icon_and_word() -> None:
    badge = render('{% status "записан" tone="info" icon="calendar" %}')

    assert "#calendar" in badge
    assert "записан" in badge
    assert "tone-info" in badge


def test_a_figure_opens_its_rows() -> None:
    assert render('{% tile 12345 "ждут" href="/?a=1" %}').startswith('<a href="/?a=1" class="tile')
    assert render('{% tile 3 "ждут" %}').startswith("<div")


def test_an_empty_list_escapes_its_words_but_not_its_buttons() -> None:
    shown = render('{% empty title %}<a href="/">{{ title }}</a>{% endempty %}', title="<b>")

    assert "&lt;b&gt;</p>" in shown
    assert '<a href="/">&lt;b&gt;</a>' in shown


def test_a_row_of_the_timeline_has_the_exact_moment_too() -> None:
    at = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)

    shown = render('{% timeline_item "Записан" at zone %}x{% endtimeline_item %}', at=at, zone=ZONE)

    assert '<time datetime="2026-11-21T11:30:00+00:00">21.11.2026, 14:30</time>' in shown


def test_a_person_keeps_their_colour() -> None:
    assert render('{% person "Анна Петрова" %}') == render('{% person "Анна Петрова" %}')
    assert ">АП<" in render('{% person "Анна Петрова" %}')


def test_pages_keep_the_filters(rf: RequestFactory) -> None:
    page = Paginator(range(100), 10).get_page(3)

    shown = render("{% pagination page %}", page=page, request=rf.get("/?state=open&page=3"))

    assert 'href="?state=open&amp;page=4"' in shown
    assert "21–30 из 100" in shown
    assert '<span aria-current="page">3</span>' in shown


class Call(forms.Form):
    phone = forms.CharField(label="Телефон", help_text="как угодно")
    kind = forms.ChoiceField(choices=[("a", "A")])
    agreed = forms.BooleanField(required=False)


def test_a_field_has_its_label_help_and_error_beside_it() -> None:
    form = Call({"phone": "", "kind": "a"})

    shown = render("{{ form.phone.as_field_group }}", form=form)

    assert '<label class="form-label required" for="id_phone">Телефон</label>' in shown
    assert 'class="form-control"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in shown
    assert 'id="id_phone_error"' in shown
    assert 'id="id_phone_helptext"' in shown


def test_each_kind_of_control_has_its_look() -> None:
    shown = render("{{ form }}", form=Call())

    assert '<select name="kind" class="form-select"' in shown
    assert 'type="checkbox" name="agreed" class="form-check-input"' in shown
