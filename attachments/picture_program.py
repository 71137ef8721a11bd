"""The program that decodes one picture, from its input to its output: run by `pictures.py`, and never imported.

It knows nothing of the rest, and may take no more than it needs. Out come a line of JSON and the files it measures.
"""

import base64
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pi_heif
from PIL import ExifTags, Image, ImageOps

MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 20
# Of all frames together.
MAX_PIXELS = 50_000_000
MAX_FRAME_PIXELS = 400_000_000
THUMBNAIL_SIDE, PREVIEW_SIDE = 320, 1280
PLACEHOLDER_BYTES = 1024
# What the program ends with.
BROKEN, TOO_LARGE = 3, 5

_T = TypeVar("_T")
# The decoder of a type, where it is called otherwise.
_DECODERS = {"HEIC": "HEIF"}
# What decoders raise. They meet hostile bytes, and fail in many ways; whatever it is, the bytes are to blame.
_ERRORS = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, OverflowError, RuntimeError)
_TOO_MUCH = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)

_seconds: dict[str, float] = {}


def main(mime_type: str) -> int:
    """Write what is kept of a picture; return what the process ends with."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    pi_heif.register_heif_opener(thumbnails=False)
    try:
        header, parts = _read(mime_type)
    except _TOO_MUCH:
        return TOO_LARGE
    except _ERRORS:
        return BROKEN
    header["sizes"] = [len(part) for part in parts]
    sys.stdout.buffer.write(json.dumps({**header, "seconds": _seconds}).encode() + b"\n" + b"".join(parts))
    return 0


def _read(mime_type: str) -> tuple[dict[str, Any], list[bytes]]:
    name = mime_type.partition("/")[2].upper()
    decoder = _DECODERS.get(name, name)
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=(decoder,)) as image:
        frames = _timed("metadata", lambda: _checked_frames(image))
        plain = _timed("decode", lambda: _upright(image))
        if name in ("HEIC", "AVIF"):
            mime_type, clean = _timed("strip", lambda: _converted(plain))
        else:
            clean = _timed("strip", lambda: _clean(image, name, frames))
    preview = _timed("preview", lambda: _fitted(plain, PREVIEW_SIDE))
    header = {"mime_type": mime_type, "width": plain.width, "height": plain.height}
    header["placeholder"] = _timed("placeholder", lambda: _placeholder(preview))
    small = _timed("thumbnail", lambda: _webp(_fitted(preview, THUMBNAIL_SIDE)))
    return header, [clean, small, _timed("preview", lambda: _webp(preview))]


def _checked_frames(image: Any) -> int:
    """Return how many frames a picture has. Raises DecompressionBombError."""
    frames = int(getattr(image, "n_frames", 1))
    if image.width * image.height > MAX_PIXELS or image.width * image.height * frames > MAX_FRAME_PIXELS:
        raise Image.DecompressionBombError
    return frames


def _upright(image: Any) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _converted(image: Image.Image) -> tuple[str, bytes]:
    """Return a picture in a format that every browser shows."""
    target = io.BytesIO()
    if image.mode == "RGBA":
        image.save(target, "WEBP", quality=90, method=2, exif=b"", xmp=b"")
        return "image/webp", target.getvalue()
    image.save(target, "JPEG", quality=90, exif=b"", comment=b"")
    return "image/jpeg", target.getvalue()


def _clean(image: Any, name: str, frames: int) -> bytes:
    """Return the picture without what its camera wrote in it, but for which way is up."""
    target = io.BytesIO()
    exif = Image.Exif()
    if orientation := image.getexif().get(ExifTags.Base.Orientation):
        exif[ExifTags.Base.Orientation] = orientation
    image.seek(0)
    image.load()
    for key in ("comment", "xmp", "XML:com.adobe.xmp", "exif", "photoshop"):
        image.info.pop(key, None)
    if name == "JPEG":
        image.save(target, "JPEG", quality="keep", exif=exif, comment=b"")
    elif name == "PNG":
        image.save(target, "PNG", exif=exif, compress_level=4, save_all=frames > 1)
    elif name == "WEBP":
        image.save(target, "WEBP", exif=exif, xmp=b"", quality=90, method=2, save_all=frames > 1)
    else:
        image.save(target, "GIF", save_all=frames > 1)
    return target.getvalue()


def _timed(step: str, work: Callable[[], _T]) -> _T:
    began = time.monotonic()
    try:
        return work()
    finally:
        _seconds[step] = _seconds.get(step, 0.0) + time.monotonic() - began


def _fitted(image: Image.Image, side: int) -> Image.Image:
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return copy


def _webp(image: Image.Image, quality: int = 80) -> bytes:
    target = io.BytesIO()
    image.save(target, "WEBP", quality=quality, method=2, exif=b"", icc_profile=b"", xmp=b"")
    return target.getvalue()


def _placeholder(image: Image.Image) -> str:
    for side in (32, 24, 16, 8):
        text = "data:image/webp;base64," + base64.b64encode(_webp(_fitted(image, side), 30)).decode()
        if len(text) <= PLACEHOLDER_BYTES:
            return text
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
