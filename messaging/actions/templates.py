from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from messaging.models import Template, TemplateRevision
from messaging.queries import list_secret_names
from messaging.rules import Problem, describe_draft, list_problems
from outbox.errors import Refused


class TextRefused(Refused):
    """`problems` say what is wrong with which field."""

    code = "text_refused"
    status = 400
    message = _("This text cannot be saved as it is.")

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems=[problem.text for problem in problems])
        self.problems = problems


@transaction.atomic
def edit_template(
    *, template_id: int, subject: str, body: str, actor_id: int | None, now: datetime
) -> Template:
    """Change what a template says and keep what it said before. Raises `TextRefused`.

    Messages already written keep their text.
    """
    template = Template.objects.select_for_update(no_key=True).get(pk=template_id)
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    draft = describe_draft(template, subject=subject, body=body)
    problems = list_problems(draft, names=list_secret_names())
    if problems:
        raise TextRefused(problems)
    if (subject, body) != (template.subject, template.body):
        TemplateRevision.objects.create(
            template=template,
            subject=template.subject,
            body=template.body,
            replaced_at=now,
            replaced_by_id=actor_id,
        )
        template.subject, template.body = subject, body
        template.save(update_fields=["subject", "body"])
    return template
