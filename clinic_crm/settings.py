"""All settings, read once from the environment.

`DJANGO_ENV=production` has no default for a secret or an address: it refuses to start without
them. `development` is what `bin/demo` and `bin/test` use: the embedded servers, plain HTTP.
`docs/settings.md` lists every variable.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from clinic_crm import embedded, env

BASE_DIR = Path(__file__).resolve().parent.parent

PRODUCTION = env.choice("DJANGO_ENV", {"development", "production"}, "development") == "production"


def in_development(value: str) -> str | None:
    """A default that production does not have."""
    return None if PRODUCTION else value


DEBUG = env.flag("DJANGO_DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", in_development("only-for-development-" + "x" * 50))
ALLOWED_HOSTS = env.listing(
    "ALLOWED_HOSTS", None if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
# Where patients and staff reach this installation; links in messages start with it.
PUBLIC_URL = env.url(
    "PUBLIC_URL", in_development("http://localhost:8000"), schemes=("http", "https")
)

# How patients and staff know the clinic: in the menu, on public pages, in messages.
CLINIC_NAME = env.text("CLINIC_NAME", "Clinic CRM")
HOLIDAYS_COUNTRY = env.text("HOLIDAYS_COUNTRY", "RU")

# Applications

INSTALLED_APPS = [
    "clinic_crm",
    "desk",
    "reports",
    "campaigns",
    "online",
    "intake",
    "feedback",
    "loyalty",
    "packages",
    "till",
    "waitlist",
    "documents",
    "prescriptions",
    "appointments",
    "worklist",
    "messaging",
    "patients",
    "clinic",
    "outbox",
    "demo",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "template_partials",
    "phonenumber_field",
    "axes",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.middleware.BranchMiddleware",
    "clinic.middleware.ToastMiddleware",
    "clinic.middleware.AccessMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "clinic_crm.urls"
WSGI_APPLICATION = "clinic_crm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "clinic.forms.Renderer"

# Data

DATABASES = {
    "default": env.database("DATABASE_URL", in_development(embedded.servers().database_url))
    | {
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        # A list of choices in a form would open one for its twenty rows.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}

REDIS_URL = env.url(
    "REDIS_URL",
    in_development(embedded.servers().redis_url),
    schemes=("redis", "rediss", "unix"),
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "crm",
    },
    # Pieces of the frame, told apart by all that they depend on: they never go stale.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "template_fragments",
        "TIMEOUT": None,
    },
}

# Celery moves work and remembers nothing: a lost message is found again by the next beat.

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "work"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# Sign-in and sessions

AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "clinic.authentication.StaffBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "clinic:sign_in"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "clinic:sign_in"
ACCESS_TABLE = "clinic_crm.access.ACCESS"
# The password of everybody in the demo clinic; with it the sign-in page offers one click per role.
DEMO_PASSWORD = "" if PRODUCTION else env.text("DEMO_PASSWORD", "")

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
# One login from one address: nobody shuts a colleague out, nor all of a clinic behind one address
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "clinic.views.sign_in.show_locked_out"
AXES_CLIENT_IP_CALLABLE = "clinic.http.address_of"
# How many of our own proxies stand before the web server
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)

SESSION_ENGINE = "clinic.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = False  # htmx reads it to send X-CSRFToken
CSRF_FAILURE_VIEW = "clinic.views.errors.show_csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PRODUCTION else []

# Browser security

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz(/work)?$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Languages, time, phones

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
TIME_ZONE = "Europe/Moscow"
USE_I18N = True
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "RU"
PHONENUMBER_DB_FORMAT = "E164"

# Static files: our own, and what `clinic_crm.vendor` names of node_modules

STATIC_URL = "static/"
# Collected for production alone; elsewhere files are served from where they lie.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "clinic_crm.staticfiles.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "clinic_crm.staticfiles.HashedStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG

# Uploads: an import of 100,000 rows is about 20 MB

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
MEDIA_ROOT = env.text("MEDIA_ROOT", str(BASE_DIR / "var" / "media"))

# Messages to patients

EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 8025, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=PRODUCTION)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", in_development("clinic@example.com"))
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# SMSC.ru or whoever speaks its HTTP API; in the demo the local sink does
SMS_GATEWAY_URL = env.url(
    "SMS_GATEWAY_URL", in_development("http://localhost:8026"), schemes=("http", "https")
)
SMS_GATEWAY_LOGIN = env.text("SMS_GATEWAY_LOGIN", in_development("demo"))
SMS_GATEWAY_PASSWORD = env.text("SMS_GATEWAY_PASSWORD", in_development("demo"))
SMS_SENDER = env.text("SMS_SENDER", "")

# How long a sender may hold messages before another takes them over. A call to a gateway takes up
# to 15 s and starts in the first half of it: shorter than 30 s is for the storm alone.
MESSAGE_LEASE = timedelta(seconds=env.integer("MESSAGE_LEASE_SECONDS", 60, least=2))

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinic.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.permissions.ByAccessTable"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["clinic.parsing.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "clinic_crm.api.problem_response",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Clinic CRM",
    "DESCRIPTION": "Errors are application/problem+json; `code` is stable, `detail` is for people.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "AppointmentStatusEnum": "appointments.models.AppointmentStatus",
        "AttitudeEnum": "patients.models.Attitude",
        "CancelReasonEnum": "appointments.models.CancelReason",
        "ConsentPurposeEnum": "patients.models.ConsentPurpose",
        "DocumentKindEnum": "documents.models.DocumentKind",
        "DropReasonEnum": "prescriptions.models.DropReason",
        "LossReasonEnum": "intake.models.LossReason",
        "RequestKindEnum": "intake.models.RequestKind",
        "WaitEndReasonEnum": "waitlist.models.EndReason",
        "ServiceKindEnum": "clinic.models.ServiceKind",
        "TimeOffKindEnum": "clinic.models.TimeOffKind",
    },
}

# Logging: no personal data. Addresses, bodies, parameters and the words of errors are not logged;
# ids are.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "name_the_address": {"()": "clinic_crm.logs.NameTheAddress"},
        "name_the_error": {"()": "clinic_crm.logs.NameTheError"},
    },
    "formatters": {
        "line": {
            "()": "clinic_crm.logs.QuietFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["name_the_address", "name_the_error"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},  # below it, whatever robots ask for
        "django.server": {"handlers": ["console"], "propagate": False},  # as the rest
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []
