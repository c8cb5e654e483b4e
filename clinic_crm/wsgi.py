import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_crm.settings")

application = get_wsgi_application()

# Imports every page before the server forks: else each process does so at its first request.
reverse("healthz")
