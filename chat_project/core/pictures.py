"""Pictures that people upload, made small, square and harmless: for avatars."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from PIL import ExifTags, Image, ImageOps

from chat_project.core.errors import InvalidError, UnavailableError
from chat_project.core.heif import TooManyPixelsError, as_png, is_heif

# Beside HEIF. Not what libtiff, Ghostscript and the like decode: they were broken too often.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP")
WORDS = "JPEG, PNG, GIF, WebP, AVIF, HEIC or BMP"
MAX_PIXELS = 50_000_000
QUALITY = 82

# A picture of MAX_PIXELS takes 200 MB while it is decoded: one at a time in a process, and few who wait.
_TURNS = threading.BoundedSemaphore(1)
_PLACES = threading.BoundedSemaphore(8)
_WAIT_SECONDS = 20
_RETRY_SECONDS = 5
_HEAD = 64
# What decoders raise. They meet hostile bytes, and fail in many ways; whatever it is, the bytes are to blame.
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    TypeError,
    KeyError,
    OverflowError,
    MemoryError,
)
_TOO_MANY_PIXELS = f"Give a picture of at most {MAX_PIXELS // 1_000_000} million pixels."


def square_pictures(file: IO[bytes], *, sides: Sequence[int], field: str = "file") -> list[bytes]:
    """Return the middle of a picture as WebP squares of these sides, upright, and without what its camera wrote in it.

    What the picture is, its bytes say, whatever it is called. Of a moving one the first frame is taken. To be called
    from a thread, and outside of transactions: decoding takes long.

    Raises: InvalidError of `field` for what is no picture, is broken, or has more than 50 million pixels;
    UnavailableError where too many are waiting.
    """
    with _turn():
        square = _square(file, field, max(sides))
        return [_webp(square.resize((side, side), Image.Resampling.LANCZOS)) for side in sides]


@contextmanager
def _turn() -> Iterator[None]:
    if not _PLACES.acquire(blocking=False):
        raise UnavailableError(retry_after=_RETRY_SECONDS)
    try:
        if not _TURNS.acquire(timeout=_WAIT_SECONDS):
            raise UnavailableError(retry_after=_RETRY_SECONDS)
        try:
            yield
        finally:
            _TURNS.release()
    finally:
        _PLACES.release()


def _square(file: IO[bytes], field: str, side: int) -> Image.Image:
    """Return the middle of a picture, upright, in RGB or RGBA."""
    try:
        with Image.open(_without_heif(file, side), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InvalidError.of(field, _TOO_MANY_PIXELS)
            return _upright_middle(image, side)
    except (TooManyPixelsError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidError.of(field, _TOO_MANY_PIXELS) from None
    except _BROKEN:
        raise InvalidError.of(field, f"This is no picture, or a broken one. Give a {WORDS}.") from None


def _without_heif(file: IO[bytes], side: int) -> IO[bytes]:
    """Return a picture that can be decoded here."""
    head = file.read(_HEAD)
    file.seek(0)
    return as_png(file.read(), side=side, max_pixels=MAX_PIXELS) if is_heif(head) else file


def _upright_middle(image: Image.Image, side: int) -> Image.Image:
    # A JPEG can be decoded at a part of its size.
    image.draft("RGB", (2 * side, 2 * side))
    mode = "RGBA" if image.has_transparency_data else "RGB"
    whole = image if image.mode == mode else image.convert(mode)
    shorter = min(image.size)
    left, top = (image.width - shorter) // 2, (image.height - shorter) // 2
    # The middle is the same however the picture is turned: what is small is turned more easily.
    middle = whole.resize(
        (side, side), Image.Resampling.LANCZOS, box=(left, top, left + shorter, top + shorter), reducing_gap=3.0
    )
    middle.getexif()[ExifTags.Base.Orientation] = image.getexif().get(ExifTags.Base.Orientation, 1)
    return ImageOps.exif_transpose(middle)


def _webp(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return target.getvalue()
