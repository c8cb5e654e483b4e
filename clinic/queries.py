from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from clinic.models import Branch, Employee, Role, User


def list_branches(*, user: User) -> list[Branch]:
    """The working branches, first those where the user works, each group by name."""
    at_work = Employee.branches.through.objects.filter(
        branch=OuterRef("pk"), employee__user=user.pk
    )
    return list(
        Branch.objects.filter(is_active=True)
        .annotate(is_own=Exists(at_work))
        .order_by("-is_own", "name")
    )


@dataclass(frozen=True, kw_only=True)
class DemoLogin:
    """Someone to try the demo clinic as."""

    username: str
    name: str
    role: Role


def list_demo_logins() -> list[DemoLogin]:
    """The first account of each role, in the order of the roles."""
    users = User.objects.filter(is_active=True).exclude(role="").order_by("-pk")
    by_role = {user.role: user for user in users}
    return [
        DemoLogin(username=user.username, name=name_of(user), role=role)
        for role in Role
        if (user := by_role.get(role)) is not None
    ]


def name_of(user: User) -> str:
    """How colleagues call the user: the employee's first and last name, else the login."""
    employee = Employee.objects.filter(user=user).first()
    if employee is None:
        return user.get_full_name() or user.username
    return f"{employee.first_name} {employee.last_name}"
