from django.utils.safestring import mark_safe

from clinic.markup import fill_html


def test_a_part_is_escaped_unless_it_is_markup_already() -> None:
    drawn = fill_html(
        '<i title="{title}">{text}{mark}</i>', title='"><b', text="a&b", mark=mark_safe("<u>c</u>")
    )

    assert drawn == '<i title="&quot;&gt;&lt;b">a&amp;b<u>c</u></i>'


def test_braces_of_a_part_are_text() -> None:
    assert fill_html("<i>{text}</i>", text="{text.__class__}") == "<i>{text.__class__}</i>"
