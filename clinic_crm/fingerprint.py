import hashlib

from clinic_crm.embedded import ROOT


def fingerprint_of_migrations() -> str:
    """Changes whenever a migration, ours or a package's, may have changed."""
    digest = hashlib.sha256()
    for path in [ROOT / "requirements.txt", *sorted(ROOT.glob("*/migrations/*.py"))]:
        digest.update(bytes(path.relative_to(ROOT)))
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
