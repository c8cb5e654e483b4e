"""`python -m clinic_crm.probe web|worker|beat`: whether this container's process still works."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

LATEST_SIGN = 30.0  # seconds; beat turns at least every few


def web() -> bool:
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
    request = Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    with urlopen(request, timeout=4) as answer:  # noqa: S310 — our own address
        return bool(answer.status == 200)


def worker() -> bool:
    ping = ["celery", "--app", "clinic_crm.celery", "inspect", "ping", "--timeout", "10"]
    ping += ["--destination", f"celery@{socket.gethostname()}"]
    return subprocess.run(ping, stdout=subprocess.DEVNULL, check=False).returncode == 0


def beat() -> bool:
    return time.time() - Path(os.environ["BEAT_SIGN_OF_LIFE"]).stat().st_mtime < LATEST_SIGN


PROBES = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if PROBES[sys.argv[1]]() else 1)
