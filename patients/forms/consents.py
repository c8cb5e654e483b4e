from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.actions import ConsentAnswer
from patients.queries import ConsentState, Wording


class ConsentForm(forms.Form):
    """A checkbox of its own for each purpose and channel, never ticked beforehand."""

    def __init__(
        self,
        *args: Any,
        states: Sequence[ConsentState],
        wordings: Mapping[tuple[str, str], Wording],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.states = states
        self.wordings = wordings
        for state in states:
            if not state.is_given:
                self.fields[f"yes_{_name(state)}"] = forms.BooleanField(
                    label=_("The patient agrees"), required=False
                )
            if state.is_given or state.at is None:
                self.fields[f"no_{_name(state)}"] = forms.BooleanField(
                    label=_("Withdraw") if state.is_given else _("The patient refuses"),
                    required=False,
                )

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        for state in self.states:
            if got.get(f"yes_{_name(state)}") and got.get(f"no_{_name(state)}"):
                both = _("Agreed and refused at once: leave one tick.")
                self.add_error(f"no_{_name(state)}", ValidationError(both, code="both"))
        return got

    def questions(self) -> list[dict[str, Any]]:
        """What the template shows of each consent."""
        return [
            {
                "state": state,
                "wording": self.wordings[state.purpose, state.channel],
                "fields": [
                    self[name]
                    for name in (f"yes_{_name(state)}", f"no_{_name(state)}")
                    if name in self.fields
                ],
            }
            for state in self.states
        ]

    def read(self) -> list[ConsentAnswer]:
        """Return the answers that were given; a question left alone is no answer."""
        answers = []
        for state in self.states:
            is_yes = self.cleaned_data.get(f"yes_{_name(state)}")
            if is_yes or self.cleaned_data.get(f"no_{_name(state)}"):
                wording = self.wordings[state.purpose, state.channel]
                answers.append(
                    ConsentAnswer(
                        purpose=state.purpose,
                        channel=state.channel,
                        is_given=bool(is_yes),
                        text=wording.body if is_yes else "",
                    )
                )
        return answers


def _name(state: ConsentState) -> str:
    return f"{state.purpose}_{state.channel}".lower().rstrip("_")
