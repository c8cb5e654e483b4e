from clinic.models import User


def remember_branch(*, user_id: int, branch_id: int) -> None:
    """The user's next session begins at the branch looked at last."""
    User.objects.filter(pk=user_id).update(last_branch=branch_id)
