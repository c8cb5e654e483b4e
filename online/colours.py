"""The clinic's colour, so that everything drawn with it can be read (WCAG 2.2, contrast 4.5)."""

Colour = tuple[float, float, float]

WHITE: Colour = (255, 255, 255)
NIGHT: Colour = (23, 34, 43)
"""The surface of a card at night (`--surface` of `clinic/public.css`)."""
INK: Colour = (6, 20, 26)
READABLE = 4.5


def write_theme(accent: str) -> str:
    """Return the style sheet that puts the accent in place of the product's own."""
    chosen = _read(accent)
    day = _until_readable(chosen, WHITE, towards=INK)
    night = _until_readable(chosen, NIGHT, towards=WHITE)
    values = {
        "--accent": (day, night),
        "--accent-strong": (_mix(day, INK, 0.25), _mix(night, WHITE, 0.35)),
        "--accent-soft": (_mix(WHITE, day, 0.1), _mix(NIGHT, night, 0.18)),
        "--on-accent": (WHITE, INK),
    }
    lines = [
        f"  {name}: light-dark({_write(light)}, {_write(dark)});"
        for name, (light, dark) in values.items()
    ]
    return "\n".join([":root {", *lines, "}", ""])


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours by WCAG 2, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _until_readable(colour: Colour, ground: Colour, *, towards: Colour) -> Colour:
    steps = (_mix(colour, towards, share / 20) for share in range(21))
    return next(shade for shade in steps if contrast(shade, ground) >= READABLE)


def _luminance(colour: Colour) -> float:
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.03928 else float(((share + 0.055) / 1.055) ** 2.4)


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (
        left + (right - left) * share for left, right in zip(one, other, strict=True)
    )
    return red, green, blue


def _read(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _write(colour: Colour) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour)
