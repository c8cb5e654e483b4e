from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from clinic.models import User
from online.colours import INK, NIGHT, READABLE, WHITE, contrast, write_theme
from online.models import OnlineSetting, Profile
from online.photos import PhotoRefused, PhotoTooLarge, remake_photo
from tests.factories import Clinic

RULES = {
    "is_open": "on",
    "code_channel": "SMS",
    "code_price": "4.50",
    "code_budget": "300",
    "accent": "#FF9900",
    "frame_origins": "https://clinic.ru/\nhttps://www.clinic.ru",
}


def draw(width: int = 900, height: int = 1200, kind: str = "JPEG") -> bytes:
    made = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret of the camera"
    Image.new("RGB", (width, height), "teal").save(made, kind, exif=exif)
    return made.getvalue()


@pytest.fixture
def manager(viktor: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(viktor)


def test_the_clinic_opens_online_booking(manager: Client, moscow: object) -> None:
    answer = manager.post("/online/", RULES)

    assert answer.status_code == 302
    setting = OnlineSetting.load()
    assert (setting.is_open, setting.accent) == (True, "#ff9900")
    assert setting.origins == ["https://clinic.ru", "https://www.clinic.ru"]
    assert "https://www.clinic.ru" in manager.get("/online/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "red; } body { display: none"),
        ("frame_origins", "https://clinic.ru; script-src *"),
        ("frame_origins", "*"),
        ("frame_origins", "http://clinic.ru"),
        ("frame_origins", "https://clinic.ru/path"),
        ("code_price", "0"),
        ("code_budget", "-1"),
    ],
)
def test_nothing_else_is_let_through(manager: Client, field: str, value: str) -> None:
    answer = manager.post("/online/", RULES | {field: value})

    assert answer.status_code == 422
    assert not OnlineSetting.load().is_open


def test_only_the_named_sites_may_frame_the_pages(clinic: Clinic, manager: Client) -> None:
    before = Client().get("/book/", follow=True)
    OnlineSetting.objects.update(frame_origins="https://clinic.ru")
    after = Client().get("/book/", follow=True)

    assert "frame-ancestors 'self';" in before.headers["Content-Security-Policy"] + ";"
    policy = after.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://clinic.ru" in policy
    assert "script-src 'self'" in policy
    assert "X-Frame-Options" not in after.headers
    staff = manager.get("/online/")
    assert "frame-ancestors 'none'" in staff.headers["Content-Security-Policy"]
    assert staff.headers["X-Frame-Options"] == "DENY"


def test_a_photo_is_made_anew_and_shown(clinic: Clinic, manager: Client) -> None:
    path = f"/online/doctors/{clinic.doctor.pk}/"
    told = {"is_shown": "on", "since_year": "2008", "about": "Лечит спину."}

    answer = manager.post(path, told | {"photo": SimpleUploadedFile("me.jpg", draw())})

    assert answer.status_code == 302
    profile = Profile.objects.get()
    shown = Client().get(f"/book/photos/{profile.photo_mark}.webp")
    with Image.open(BytesIO(shown.content)) as made:
        assert (made.format, made.size) == ("WEBP", (480, 480))
    assert b"secret" not in shown.content
    assert profile.photo_mark in manager.get("/online/doctors/").content.decode()
    manager.post(path, told | {"without_photo": "on"})
    assert Profile.objects.get().photo_mark == ""


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", draw()[:200], draw(kind="GIF"), b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoRefused):
        remake_photo(content)


def test_a_photo_that_would_fill_the_memory_is_not_unpacked() -> None:
    bomb = BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")

    with pytest.raises(PhotoTooLarge):
        remake_photo(bomb.getvalue())
    with pytest.raises(PhotoTooLarge):
        remake_photo(b"\0" * (8 * 1024 * 1024 + 1))


def test_a_bad_photo_is_told_beside_its_field(clinic: Clinic, manager: Client) -> None:
    path = f"/online/doctors/{clinic.doctor.pk}/"

    answer = manager.post(path, {"about": "x", "photo": SimpleUploadedFile("a.jpg", b"no")})

    assert answer.status_code == 422
    assert not Profile.objects.exists()


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#ffee00", "#0d6f83", "#777777"])
def test_every_colour_can_be_read(accent: str) -> None:
    line = next(line for line in write_theme(accent).splitlines() if "--accent:" in line)
    day, night = (
        tuple(float(int(part[at : at + 2], 16)) for at in (0, 2, 4))
        for part in (line.split("#")[1], line.split("#")[2])
    )

    assert contrast(day, WHITE) >= READABLE - 0.1  # type: ignore[arg-type]  # three of them
    assert contrast(night, NIGHT) >= READABLE - 0.1  # type: ignore[arg-type]  # three of them
    assert contrast(INK, WHITE) > READABLE
