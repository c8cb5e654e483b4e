"""Smallest valid rows for tests. Keyword arguments override any field."""

from datetime import time
from itertools import count
from typing import Any

from clinic.models import Branch, Employee, Role, User

_numbers = count(1)


def make_branch(**fields: Any) -> Branch:
    defaults = {
        "name": f"Branch {next(_numbers)}",
        "city": "Москва",
        "address": "ул. Ленина, 5",
        "time_zone": "Europe/Moscow",
        "opens_at": time(8),
        "closes_at": time(21),
    }
    return Branch.objects.create(**defaults | fields)


def make_user(username: str, role: Role | None = None, **fields: Any) -> User:
    return User.objects.create_user(username, password=username, role=role or "", **fields)


def make_employee(user: User | None = None, **fields: Any) -> Employee:
    """An employee at `branches` (a list), none unless given."""
    branches = fields.pop("branches", [])
    defaults = {
        "last_name": f"Иванов {next(_numbers)}",
        "first_name": "Иван",
        "position": "врач",
        "user": user,
    }
    employee = Employee.objects.create(**defaults | fields)
    employee.branches.set(branches)
    return employee
