"""Pictures that people upload, made anew: what patients get holds nothing but the picture."""

from hashlib import sha256
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from outbox.errors import Refused

LARGEST_FILE = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
SIDE = 480
QUALITY = 82


class PhotoRefused(Refused):
    code = "photo_refused"
    status = 422
    message = _("This file is no photo that we can read. Choose a JPEG, PNG or WebP.")


class PhotoTooLarge(PhotoRefused):
    code = "photo_too_large"
    message = _("The photo is too large: 8 MB and 50 megapixels at most.")


def remake_photo(content: bytes) -> bytes:
    """Return the photo as a square WebP of 480 points, without what the camera wrote into it.

    The middle is kept, the upper part of a tall one: faces are there. Raises `PhotoRefused`,
    `PhotoTooLarge`, the latter before a single point is unpacked.
    """
    if len(content) > LARGEST_FILE:
        raise PhotoTooLarge
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PhotoTooLarge
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError as error:
        raise PhotoTooLarge from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PhotoRefused from error
    square = ImageOps.fit(upright, (SIDE, SIDE), centering=(0.5, 0.25))
    made = BytesIO()
    square.save(made, "WEBP", quality=QUALITY)
    return made.getvalue()


def mark_of(photo: bytes) -> str:
    """Return the name under which a browser may keep the picture for ever."""
    return sha256(photo).hexdigest()[:16]
