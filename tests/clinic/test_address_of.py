import pytest
from django.test import RequestFactory
from pytest_django import Settings

from clinic.http import address_of


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "address"),
    [
        (0, "", "10.0.0.5", "10.0.0.5"),
        (0, "8.8.8.8", "10.0.0.5", "10.0.0.5"),
        (1, "8.8.8.8", "10.0.0.1", "8.8.8.8"),
        (1, "1.1.1.1, 8.8.8.8", "10.0.0.1", "8.8.8.8"),
        (2, "1.1.1.1, 8.8.8.8, 10.0.0.2", "10.0.0.1", "8.8.8.8"),
        (2, "8.8.8.8", "10.0.0.1", "10.0.0.1"),
        (1, "2001:db8::7", "10.0.0.1", "2001:db8::7"),
        (1, "nonsense", "10.0.0.1", None),
        (0, "", "", None),
    ],
)
def test_the_caller_cannot_choose_his_address(
    settings: Settings, proxies: int, forwarded: str, remote: str, address: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)

    assert address_of(request) == address
