from clinic.models import Employee, User


def remember_branch(*, user_id: int, branch_id: int) -> None:
    """The user's next session begins at the branch looked at last."""
    User.objects.filter(pk=user_id).update(last_branch=branch_id)


def choose_news_by_mail(*, employee_id: int, wanted: bool) -> None:
    """Whether the employee hears by e-mail what changes in his today and tomorrow."""
    Employee.objects.filter(pk=employee_id).update(mails_news=wanted)
