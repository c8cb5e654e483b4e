from typing import Any

from django import forms
from django.forms.widgets import Media, Script
from django.urls import reverse_lazy

from campaigns.segments.catalogue import list_catalogue


class RuleBuilder(forms.Textarea):
    """The rule as JSON in a textarea, which a script turns into rows of controls.

    The same in the pages of the staff and in the administration; without scripts the textarea
    stays and works.
    """

    template_name = "campaigns/rule_builder.html"
    count_url = reverse_lazy("campaigns:segment_count")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["catalogue"] = list_catalogue()
        context["catalogue_id"] = f"{context['widget']['attrs'].get('id', name)}_catalogue"
        context["count_url"] = str(self.count_url)
        return context

    @property
    def media(self) -> Media:
        scripts: list[Any] = [Script("campaigns/rule-builder.js", type="module")]
        return Media(css={"all": ["campaigns/rule-builder.css"]}, js=scripts)
