"""The product's Celery application that loads, once Django is ready, what weakens the sender."""

from clinic_crm.celery import app

__all__ = ["app"]

app.conf.imports = ("benchmarks.storming.controls",)
