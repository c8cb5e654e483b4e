import json
import os
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """An append-only file of JSON lines, and the same entries in memory.

    A line is one `write` to the kernel before anyone is answered: killing this process loses none.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.entries = _complete_lines(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def append(self, entry: Entry) -> None:
        os.write(self._file, json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self.entries.append(entry)

    def close(self) -> None:
        os.close(self._file)


def _complete_lines(path: Path) -> list[Entry]:
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    complete = text[: text.rfind("\n") + 1]
    if complete != text:  # the machine went down in the middle of a line
        path.write_text(complete, encoding="utf-8")
    return [json.loads(line) for line in complete.splitlines()]
