"""Takes the pictures of the README from a running demo; `bin/pictures` calls it."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
DESKTOP = (1440, 900)
PHONE = (390, 844)
SETTLES_WITHIN = 1500  # milliseconds


@dataclass(frozen=True)
class Picture:
    name: str
    user: str
    path: str
    size: tuple[int, int] = DESKTOP


PICTURES = (
    Picture("board", "olga", "/board/"),
    Picture("tasks", "olga", "/tasks/"),
    Picture("my-day", "dmitry", "/my-day/", PHONE),
    Picture("segments", "marina", "/segments/"),
    Picture("scenarios", "marina", "/scenarios/"),
    Picture("funnel", "viktor", "/funnel/"),
)


def sign_in(browser: Browser, site: str, picture: Picture) -> Page:
    width, height = picture.size
    page = browser.new_page(viewport={"width": width, "height": height}, locale="ru-RU")
    page.goto(f"{site}/sign-in/")
    page.fill("[name=username]", picture.user)
    page.fill("[name=password]", "demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def main(site: str) -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("Chromium is needed to take pictures; there is none on the PATH.\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for picture in PICTURES:
            page = sign_in(browser, site, picture)
            page.goto(f"{site}{picture.path}")
            page.wait_for_timeout(SETTLES_WITHIN)
            page.screenshot(path=FOLDER / f"{picture.name}.png")
            page.close()
            sys.stdout.write(f"docs/pictures/{picture.name}.png\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"))
