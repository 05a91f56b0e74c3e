"""A program that makes thumbnails: a picture on standard input, a small WebP on standard output.

Hostile pictures attack decoders, so `app/gateways/pictures.py` runs this as a separate process with
little memory, little time and an empty environment. Exit code 3: the picture is too large; 4: it is
not a picture.
"""

import io
import resource
import sys

from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_EDGE = 512
MOST_PIXELS = 200_000_000
MOST_DECODED_PIXELS = 40_000_000
LONGEST_SIDE = 20_000
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 20
TOO_LARGE = 3
UNREADABLE = 4
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")


def small(data: bytes) -> bytes | None:
    """The picture in `data`, upright, at most `LONGEST_EDGE` wide and high, without its metadata.

    The size is read from the header, before anything is decoded: `None` where it is too large."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        width, height = picture.size
        if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
            return None
        picture.draft("RGB", (2 * LONGEST_EDGE, 2 * LONGEST_EDGE))  # JPEG is decoded smaller
        if picture.size[0] * picture.size[1] > MOST_DECODED_PIXELS:
            return None
        picture.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        upright = ImageOps.exif_transpose(picture)
        bare = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    bare.info.clear()
    target = io.BytesIO()
    bare.save(target, "WEBP", quality=80, exif=b"", icc_profile=b"")
    return target.getvalue()


def main() -> int:
    """Make the thumbnail of the picture on standard input, within the limits. Returns the exit
    code."""
    Image.MAX_IMAGE_PIXELS = None  # the limits here are closer, and refuse without a warning
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        made = small(sys.stdin.buffer.read())
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError):
        return UNREADABLE
    if made is None:
        return TOO_LARGE
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
