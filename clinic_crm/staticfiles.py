from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from clinic_crm.vendor import VENDOR


class VendorFinder(FileSystemFinder):
    """Finds in `node_modules` what `VENDOR` names, and with a file its source map.

    A package has hundreds of files: naming the few keeps the image small and the start quick.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        packages = Path(settings.BASE_DIR) / "node_modules"
        self._files = {str(packages / folder): files for folder, files in VENDOR.values()}
        self.locations = [
            (f"vendor/{name}", str(packages / folder)) for name, (folder, _) in VENDOR.items()
        ]
        self.storages = {root: FileSystemStorage(root) for _, root in self.locations}
        for prefix, root in self.locations:
            self.storages[root].prefix = prefix

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Nothing to check: `bin/*` install the packages before anything starts."""
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        for root, storage in self.storages.items():
            wanted = {name for file in self._files[root] for name in (file, f"{file}.map")}
            yield from ((name, storage) for name in sorted(wanted) if storage.exists(name))


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped library
    """Names with a hash of the content, also where one of our modules imports another."""

    support_js_module_import_aggregation = True
