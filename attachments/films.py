"""Films and sounds without what their recorders wrote in them, how long they last, and what is shown in their place."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from attachments.children import decoded
from attachments.kinds import CONTAINERS, of_streams

SECONDS = 120

_PROGRAM = Path(__file__).with_name("film_program.py")


@dataclass(frozen=True, slots=True)
class Film:
    """What is kept of a film, or of a sound, which has no size and no frame."""

    content: IO[bytes]
    mime_type: str
    duration: float
    width: int | None
    height: int | None
    # A picture from it, as PNG; none where its codec is not decoded here.
    frame: bytes
    waveform: list[int] | None
    # How long each step took.
    seconds: Mapping[str, float]


@contextmanager
def rewritten(file: IO[bytes], *, mime_type: str) -> Iterator[Film]:
    """Give what is kept of an uploaded film or sound, which has a descriptor; its bytes are gone afterwards.

    Raises BrokenMediaError, and OSError where there is no room to write.
    """
    demuxer, muxer = CONTAINERS[mime_type]
    # Without a name: nothing stays of it, however the worker ends.
    with tempfile.TemporaryFile() as content:
        target = content.fileno()
        header, frame = decoded(_PROGRAM, [demuxer, muxer, str(target)], file, seconds=SECONDS, pass_fds=[target])
        content.seek(0)
        yield Film(
            content=content,
            mime_type=of_streams(mime_type, has_video=header["width"] is not None),
            duration=header["duration"],
            width=header["width"],
            height=header["height"],
            frame=frame,
            waveform=header["waveform"],
            seconds=header["seconds"],
        )
