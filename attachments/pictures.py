"""Pictures decoded in a process of their own: hostile bytes crash decoders, which is no reason for a worker to go."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SECONDS = 60

_PROGRAM = Path(__file__).with_name("picture_program.py")


class BrokenPictureError(Exception):
    """The bytes can't be decoded within the limits."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without what its camera wrote in it, and the small ones that are shown in its place."""

    content: bytes
    thumbnail: bytes
    preview: bytes
    width: int
    height: int
    placeholder: str


def made_anew(file: IO[bytes], *, mime_type: str) -> Picture:
    """Return what is kept of an uploaded picture. Raises BrokenPictureError."""
    command = [sys.executable, "-I", str(_PROGRAM), mime_type]
    try:
        done = subprocess.run(command, input=file.read(), capture_output=True, timeout=SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired:
        raise BrokenPictureError from None
    if done.returncode != 0:
        raise BrokenPictureError
    line, _, data = done.stdout.partition(b"\n")
    header = json.loads(line)
    content, thumbnail, _ = header["sizes"]
    return Picture(
        content=data[:content],
        thumbnail=data[content : content + thumbnail],
        preview=data[content + thumbnail :],
        width=header["width"],
        height=header["height"],
        placeholder=header["placeholder"],
    )
