"""The program that decodes one picture, from its input to its output: run by `pictures.py`, and never imported.

It knows nothing of the rest, and may take no more than it needs. Out come a line of JSON and the files it measures.
"""

import base64
import io
import json
import resource
import sys
from typing import Any

from PIL import ExifTags, Image, ImageOps

MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 20
# Of all frames together.
MAX_PIXELS = 50_000_000
MAX_FRAME_PIXELS = 400_000_000
THUMBNAIL_SIDE, PREVIEW_SIDE = 320, 1280
PLACEHOLDER_BYTES = 1024


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
    name = mime_type.partition("/")[2].upper()
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=(name,)) as image:
        frames = getattr(image, "n_frames", 1)
        if image.width * image.height > MAX_PIXELS or image.width * image.height * frames > MAX_FRAME_PIXELS:
            raise ValueError("too many pixels")
        clean = _clean(image, name, frames)
        image.seek(0)
        upright = ImageOps.exif_transpose(image)
        width, height = upright.size
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    preview = _fitted(plain, PREVIEW_SIDE)
    parts = [clean, _webp(_fitted(preview, THUMBNAIL_SIDE)), _webp(preview)]
    header = {"width": width, "height": height, "placeholder": _placeholder(preview), "sizes": [*map(len, parts)]}
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + b"".join(parts))
    return 0


def _clean(image: Any, name: str, frames: int) -> bytes:
    """Return the picture without what its camera wrote in it, but for which way is up."""
    target = io.BytesIO()
    exif = Image.Exif()
    if orientation := image.getexif().get(ExifTags.Base.Orientation):
        exif[ExifTags.Base.Orientation] = orientation
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
