import importlib
import sys
from pathlib import Path

from benchmarks.harness import Report
from clinic_crm import embedded

HERE = Path(__file__).resolve().parent
NO_BENCHMARKS = {"__init__", "__main__", "harness", "serving"}


def list_names() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NO_BENCHMARKS)


def main(names: list[str]) -> None:
    """Run the named benchmarks in turn; exit status 1 when one of their goals is missed."""
    known = list_names()
    if not names:
        for name in known:
            about = importlib.import_module(f"benchmarks.{name}").__doc__ or ""
            print(f"{name:<10} {about.strip().splitlines()[0] if about else ''}")
        return
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"No benchmark {', '.join(unknown)}; there are: {', '.join(known)}.")
    embedded.join()
    report = Report()
    for name in names:
        importlib.import_module(f"benchmarks.{name}").run(report)
    if report.missed:
        sys.exit(f"Goals missed: {', '.join(report.missed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
