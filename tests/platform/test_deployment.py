"""Production: what it refuses to start without, and the files that describe it."""

import json
import os
import re
import subprocess
import sys

import pytest
import yaml

from clinic_crm import env
from clinic_crm.embedded import ROOT
from clinic_crm.supervisor import read_procfile

COMPLETE = {
    "ALLOWED_HOSTS": "crm.example.com",
    "DATABASE_URL": "postgresql://crm:crm@localhost/crm",
    "DEFAULT_FROM_EMAIL": "clinic@example.com",
    "PUBLIC_URL": "https://crm.example.com",
    "REDIS_URL": "redis://localhost:6379/0",
    "SECRET_KEY": "k" * 60,
    "SMS_GATEWAY_LOGIN": "crm",
    "SMS_GATEWAY_PASSWORD": "crm",
    "SMS_GATEWAY_URL": "https://smsc.ru",
}
LOAD = (
    "import clinic_crm.settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
)


def load_settings(values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_ENV": "production", **values},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_all_its_values_and_is_strict() -> None:
    loaded = load_settings(COMPLETE)

    assert loaded.stdout == "False True True\n", loaded.stderr


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_production_refuses_to_start_without(missing: str) -> None:
    values = {name: value for name, value in COMPLETE.items() if name != missing}

    loaded = load_settings(values)

    assert loaded.returncode != 0
    assert f"{missing} is not set" in loaded.stderr


def compose() -> dict[str, dict[str, dict[str, object]]]:
    described: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
        (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    )
    return described


def test_every_lasting_service_is_watched_and_restarted() -> None:
    services = compose()["services"]

    assert set(services) == {
        "migrate", "web", "worker", "sender", "beat", "database", "broker"
    }  # fmt: skip
    for name in set(services) - {"migrate"}:
        assert services[name]["healthcheck"], name
        assert services[name]["restart"] == "unless-stopped", name


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    secret = re.compile(r"\$\{(\w*(?:SECRET|PASSWORD|KEY|LOGIN)\w*)(:.?)")

    kinds = {name: kind for name, kind in secret.findall(text) if name != "EMAIL_HOST_PASSWORD"}

    assert kinds == dict.fromkeys(
        ["SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "SMS_GATEWAY_LOGIN",
         "SMS_GATEWAY_PASSWORD"], ":?",
    )  # fmt: skip


def test_compose_gives_production_all_that_it_asks_for() -> None:
    given = compose()["services"]["web"]["environment"]

    assert isinstance(given, dict)
    assert set(COMPLETE) <= set(given)


def test_compose_and_procfile_run_the_same_programs() -> None:
    programs = {one.name: " ".join(one.command[1:]) for one in read_procfile(ROOT, {})}
    services = compose()["services"]

    for name in ("worker", "sender", "beat"):
        app_and_role = programs[name].split(" --concurrency")[0].split(" --loglevel")[0]
        assert app_and_role in str(services[name]["command"])


def test_the_documented_variables_are_those_that_are_read() -> None:
    code = "\n".join(
        (ROOT / "clinic_crm" / name).read_text(encoding="utf-8")
        for name in ("settings.py", "gunicorn.py")
    )
    readers = "|".join(("text", "choice", "flag", "integer", "listing", "url", "database"))
    read = set(re.findall(rf"env\.(?:{readers})\(\s*\"([A-Z_]+)\"", code))
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert env.__doc__
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == read


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    chosen = [
        line.partition("==")[0]
        for name in ("requirements.in", "requirements-dev.in")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("types-")
    ]
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))

    unexplained = [name for name in [*chosen, *package["dependencies"]] if name not in reasons]

    assert unexplained == []
