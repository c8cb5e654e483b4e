import pytest

from clinic_crm import embedded


def pytest_configure(config: pytest.Config) -> None:
    embedded.join()
