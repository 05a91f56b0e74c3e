"""Colours of a portal, made readable wherever they are put (WCAG 2.2, 1.4.3 and 1.4.11)."""

#: How far apart a text and its ground are to be, and a shape and its ground.
TEXT, SHAPE = 4.5, 3.0
_BLACK, _WHITE = "#000000", "#ffffff"


def ink_on(ground: str) -> str:
    """Black or white, whichever reads better on `ground` (all colours are `#rrggbb`)."""
    return max(_BLACK, _WHITE, key=lambda ink: contrast(ink, ground))


def readable(color: str, ground: str, enough: float = TEXT) -> str:
    """`color`, moved towards black or white only as far as it takes to be read on `ground`, or,
    with `SHAPE`, seen on it."""
    towards = ink_on(ground)
    for step in range(21):
        mixed = _mixed(color, towards, step / 20)
        if contrast(mixed, ground) >= enough:
            return mixed
    return towards


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _channels(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _mixed(color: str, other: str, share: float) -> str:
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)
