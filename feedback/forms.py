from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.models import CaseStatus


class AnswerForm(forms.Form):
    """What the patient says; the page draws the eleven buttons itself."""

    score = forms.IntegerField(
        min_value=0,
        max_value=10,
        error_messages={"required": _("Choose a number from 0 to 10.")},
    )
    comment = forms.CharField(
        label=_("What did you like, what should we do better?"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ResolutionForm(forms.Form):
    resolution = forms.CharField(
        label=_("How it ended"),
        help_text=_("What was said, what was done for the patient."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class CaseFilters(forms.Form):
    status = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("open and in work")), *CaseStatus.choices],
        widget=forms.Select(attrs={"wide": True}),
    )
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)


class AnswerFilters(forms.Form):
    GROUPS = (
        ("", _("all answers")),
        ("promoters", _("promoters, 9–10")),
        ("passives", _("neutral, 7–8")),
        ("detractors", _("critics, 0–6")),
    )
    PERIODS = (("", _("all the time")), ("90", _("the last 90 days")))
    group = forms.ChoiceField(label=_("Who"), required=False, choices=GROUPS)
    days = forms.ChoiceField(label=_("When"), required=False, choices=PERIODS)
    commented = forms.BooleanField(label=_("With a comment"), required=False)
