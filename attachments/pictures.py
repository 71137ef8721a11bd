"""Pictures without what their cameras wrote in them, and the small ones that are shown in their place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from attachments.children import decoded

SECONDS = 60

_PROGRAM = Path(__file__).with_name("picture_program.py")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept of a picture."""

    content: bytes
    mime_type: str
    thumbnail: bytes
    preview: bytes
    width: int
    height: int
    placeholder: str
    # How long each step took.
    seconds: Mapping[str, float]


def made_anew(file: IO[bytes], *, mime_type: str) -> Picture:
    """Return what is kept of an uploaded picture, which has a descriptor. Raises BrokenMediaError."""
    header, data = decoded(_PROGRAM, [mime_type], file, seconds=SECONDS)
    content, thumbnail, _ = header["sizes"]
    return Picture(
        content=data[:content],
        mime_type=header["mime_type"],
        thumbnail=data[content : content + thumbnail],
        preview=data[content + thumbnail :],
        width=header["width"],
        height=header["height"],
        placeholder=header["placeholder"],
        seconds=header["seconds"],
    )
