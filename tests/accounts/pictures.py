"""Pictures to upload."""

import base64
import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, BLUE = (220, 30, 30), (30, 30, 220)
ORIENTATION = 0x0112


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), color: Any = RED, **options: Any) -> bytes:
    """Return a picture of one colour."""
    target = io.BytesIO()
    Image.new("RGB", size, color).save(target, kind, **options)
    return target.getvalue()


def on_its_side() -> bytes:
    """Return a photograph that was taken with the camera turned: red above, blue below, and where it was taken."""
    stored = Image.new("RGB", (600, 400), RED)
    stored.paste(BLUE, (300, 0, 600, 400))
    exif = Image.Exif()
    # To be turned by 90 degrees clockwise.
    exif[ORIENTATION] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Camera of Somebody"
    target = io.BytesIO()
    stored.save(target, "JPEG", exif=exif)
    return target.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """Return a small PNG that says it has so many pixels to each side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def opened(data: bytes) -> Image.Image:
    """Return a picture, decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


# Red at the left and blue at the right, 96 by 64 pixels, with where it was taken: nothing here can write one.
HEIC = base64.b64decode(
    """
    AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAZdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAA
    AERAAAIAAQAAAAABuwABAAAAAAAAAGEAAgAAAAACHAABAAAAAAAAAFYAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZl
    AgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH/
    /wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNj
    b2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAABppcmVmAAAA
    AAAAAA5jZHNjAAIAAQABAAAAv21kYXQAAABdKAGvE4B3Piaoj//8wTt/7QvT/4NGSyFU/+rIH35gS3/kw7PANaoOLCaabrZuWl/LacVZD/lD+8j+
    uzuo/ttL/RWgNIRfeO9DuNvEYY5cU+yFAFfbJE9qaLgQbUguAAAABkV4aWYAAE1NACoAAAAIAAIBDwACAAAAEwAAACaIJQAEAAAAAQAAADoAAAAA
    Q2FtZXJhIG9mIFNvbWVib2R5AAAAAQABAAIAAAACTgAAAAAAAAA=
    """
)
