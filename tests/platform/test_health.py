import pytest
from django.test import Client
from pytest_django.fixtures import Settings


@pytest.mark.django_db
def test_it_is_healthy_with_its_servers_up(client: Client) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_it_serves_on_without_a_broker_and_says_so(client: Client, settings: Settings) -> None:
    closed = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}
    settings.CACHES = {"default": closed | {"LOCATION": "redis://127.0.0.1:1/0"}}

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "unreachable"}
