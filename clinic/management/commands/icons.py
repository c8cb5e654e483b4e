"""Keep the icon sprite: one file with the outlines our pages use."""

import argparse
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SYMBOL = re.compile(r'<symbol id="(?P<name>[a-z0-9-]+)"')
OUTER = re.compile(r"<svg[^>]*>(?P<body>.*)</svg>", re.DOTALL)
BOUNDS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


class Command(BaseCommand):
    help = (
        "Add icons from @tabler/icons to static/clinic/icons.svg and redraw the rest: "
        "`bin/manage icons calendar phone`. A filled icon is named `star-filled`."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        sprite = Path(settings.BASE_DIR) / "static" / "clinic" / "icons.svg"
        kept = set(SYMBOL.findall(sprite.read_text("utf-8"))) if sprite.exists() else set()
        drawn = [draw(name) for name in sorted(kept | set(names))]
        lines = ['<svg xmlns="http://www.w3.org/2000/svg">', *drawn, "</svg>", ""]
        sprite.write_text("\n".join(lines), "utf-8")
        self.stdout.write(f"{len(drawn)} icons, {sprite.stat().st_size} bytes")


def draw(name: str) -> str:
    """One `<symbol>` on one line, so that two branches adding icons merge."""
    folder = Path(settings.BASE_DIR) / "node_modules" / "@tabler" / "icons" / "icons"
    filled = name.endswith("-filled")
    kind = "filled" if filled else "outline"
    source = folder / kind / f"{name.removesuffix('-filled')}.svg"
    if not source.exists():
        raise CommandError(f"There is no {kind} icon named {name} in @tabler/icons.")
    match = OUTER.search(source.read_text("utf-8"))
    if match is None:
        raise CommandError(f"{source} is not an SVG picture.")
    body = BOUNDS.sub("", " ".join(match["body"].split())).replace("> <", "><").strip()
    paint = (
        'fill="currentColor"'
        if filled
        else 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{body}</symbol>'
