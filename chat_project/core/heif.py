"""HEIF pictures, as telephones take them: decoded in a process of their own.

Hostile bytes crash the decoder, which is no reason for a server to go down with it.
"""

import io
import subprocess
import sys
from pathlib import Path

SECONDS = 20

_PROGRAM = Path(__file__).with_name("heif_decoder.py")
# What the program ends with where it is asked for too much.
_TOO_MANY_PIXELS = 3
# How far a file lists what it is compatible with.
_HEAD = 64
_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))


class TooManyPixelsError(Exception):
    """The picture has more pixels than are decoded."""


def is_heif(head: bytes) -> bool:
    """Tell whether a file's first bytes are those of a HEIF. An AVIF, which is built alike, is none."""
    brands = head[8:_HEAD]
    return head[4:8] == b"ftyp" and brands[:4] in _BRANDS and b"avif" not in brands and b"avis" not in brands


def as_png(data: bytes, *, side: int, max_pixels: int) -> io.BytesIO:
    """Return a HEIF picture as a PNG, upright; a large one is made smaller, its shorter side at least `side`.

    Raises: TooManyPixelsError, ValueError for what can't be decoded within SECONDS.
    """
    command = [sys.executable, "-I", str(_PROGRAM), str(side), str(max_pixels)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired:
        raise ValueError("The picture took too long.") from None
    if done.returncode == _TOO_MANY_PIXELS:
        raise TooManyPixelsError
    if done.returncode != 0:
        raise ValueError("The picture is broken.")
    return io.BytesIO(done.stdout)
