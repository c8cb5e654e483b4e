import pytest

from clinic.models import Role


@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("olga", Role.ADMINISTRATOR),
        ("dmitry", Role.DOCTOR),
        ("marina", Role.MARKETER),
        ("viktor", Role.MANAGER),
        ("stranger", ""),
    ],
)
def test_everyone_plays_their_role(who: str, role: str, request: pytest.FixtureRequest) -> None:
    assert request.getfixturevalue(who).role == role
