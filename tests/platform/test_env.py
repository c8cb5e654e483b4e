from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic_crm import env


def test_a_file_stands_for_the_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("hidden\n", encoding="utf-8")
    monkeypatch.setenv("KEY_FILE", str(secret))

    assert env.text("KEY") == "hidden"


def test_value_and_file_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "open")
    monkeypatch.setenv("KEY_FILE", "/nowhere")

    with pytest.raises(ImproperlyConfigured, match="KEY or KEY_FILE"):
        env.text("KEY")


def test_a_missing_required_value_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="NOT_THERE is not set"):
        env.text("NOT_THERE")


@pytest.mark.parametrize("raw", ["maybe", "2", "да"])
def test_a_flag_is_yes_or_no(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("SWITCH", raw)

    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        env.flag("SWITCH", default=True)


@pytest.mark.parametrize("raw", ["many", "1.5", "-1"])
def test_an_integer_is_whole_and_not_below_its_least(
    monkeypatch: pytest.MonkeyPatch, raw: str
) -> None:
    monkeypatch.setenv("COUNT", raw)

    with pytest.raises(ImproperlyConfigured, match="COUNT"):
        env.integer("COUNT", 3)


def test_a_listing_drops_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "crm.example.com, , 10.0.0.1,")

    assert env.listing("HOSTS") == ["crm.example.com", "10.0.0.1"]


def test_an_address_of_another_scheme_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLACE", "ftp://user:secret@example.com")

    with pytest.raises(ImproperlyConfigured) as refused:
        env.url("PLACE", schemes=("https",))
    assert "secret" not in str(refused.value)


def test_a_database_address_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "postgresql://crm:p%40ss@db:5433/clinic?sslmode=require")

    assert env.database("DB") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "clinic",
        "USER": "crm",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_socket_folder_is_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "postgresql://postgres@/clinic?host=/run/pg")

    assert env.database("DB")["HOST"] == "/run/pg"


def test_a_database_without_a_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "postgresql://crm@db/")

    with pytest.raises(ImproperlyConfigured, match="name a database"):
        env.database("DB")
