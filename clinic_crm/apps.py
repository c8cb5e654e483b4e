from django.apps import AppConfig

from clinic_crm import celery


class ClinicCrmConfig(AppConfig):
    name = "clinic_crm"
    celery = celery.app  # loaded with Django, so that `shared_task` finds the broker everywhere
