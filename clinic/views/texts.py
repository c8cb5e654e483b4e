"""The translated texts of our scripts: `gettext` and friends, as one cached script."""

from functools import cache
from hashlib import blake2s
from pathlib import Path

from django.conf import settings
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog

WEEK = 7 * 24 * 60 * 60

show_texts = cache_control(max_age=WEEK, public=True)(JavaScriptCatalog.as_view())


@cache
def version_of_texts() -> str:
    """Changes with the catalogues, so that a browser keeps the script until they do."""
    catalogues = sorted(Path(settings.BASE_DIR).glob("*/locale/*/LC_MESSAGES/djangojs.po"))
    seal = blake2s(digest_size=4)
    for catalogue in catalogues:
        seal.update(catalogue.read_bytes())
    return seal.hexdigest()
