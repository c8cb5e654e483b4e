from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from clinic_crm import api, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("desk.urls")),
    path("", include("clinic.urls")),
    path("", include("patients.urls")),
    path("", include("appointments.urls")),
    path("", include("campaigns.urls")),
    path("", include("feedback.urls")),
    path("", include("online.urls")),
    path("", include("intake.urls")),
    path("", include("worklist.urls")),
    path("", include("messaging.urls")),
    path("", include("outbox.urls")),
    path("", include("prescriptions.urls")),
    path("", include("loyalty.urls")),
    path("", include("packages.urls")),
    path("", include("waitlist.urls")),
    path("", include("till.urls")),
    path("", include("documents.urls")),
    path("", include("reports.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("healthz/work", health.healthz_work, name="healthz_work"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("clinic.api_urls")),
    path("api/v1/", include("campaigns.api_urls")),
    path("api/v1/", include("appointments.api_urls")),
    path("api/v1/", include("intake.api_urls")),
    path("api/v1/", include("patients.api_urls")),
    path("api/v1/", include("messaging.api_urls")),
    path("api/v1/", include("loyalty.api_urls")),
    path("api/v1/", include("packages.api_urls")),
    path("api/v1/", include("waitlist.api_urls")),
    path("api/v1/", include("till.api_urls")),
    path("api/v1/", include("documents.api_urls")),
    path("api/v1/", include("worklist.api_urls")),
    path("api/v1/", include("prescriptions.api_urls")),
    path("api/v1/", include("desk.api_urls")),
    path("api/v1/", include("reports.api_urls")),
    path("api/schema/", api.schema, name="api-schema"),
    path("api/docs/", api.docs, name="api-docs"),
]

handler400 = "clinic.views.errors.show_bad_request"
handler403 = "clinic.views.errors.show_forbidden"
handler404 = "clinic.views.errors.show_not_found"
handler500 = "clinic.views.errors.show_failure"
