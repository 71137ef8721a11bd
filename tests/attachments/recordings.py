"""Films and sounds, recorded for tests: short, small, and with a place written in them."""

import array
import io
import math
from fractions import Fraction
from typing import Any

import av
from PIL import Image

PLACE = "+48.8584+002.2945/"
TITLE = "Taken at home"
WIDTH, HEIGHT = 64, 48
_RATE, _STEP = 48_000, 960


def film(
    container: str = "mp4",
    *,
    video: str | None = "libx264",
    audio: str | None = "aac",
    seconds: float = 2.0,
    turned: int = 0,
) -> bytes:
    """Return a film, or a sound where `video` is None: half of it is silent, then it grows loud."""
    target = io.BytesIO()
    options = {"movflags": "use_metadata_tags"} if container in ("mp4", "mov", "ipod") else {}
    with av.open(target, "w", format=container, options=options) as file:
        file.metadata.update({"title": TITLE, "location": PLACE})
        pictures = _video(file, video, turned) if video else None
        sounds = file.add_stream(audio, rate=_RATE, layout="mono") if audio else None
        if pictures is not None:
            for number in range(int(seconds * 10)):
                frame = av.VideoFrame.from_image(Image.new("RGB", (WIDTH, HEIGHT), (200, number, 40)))
                frame.pts, frame.time_base = number, Fraction(1, 10)
                file.mux(pictures.encode(frame))
            file.mux(pictures.encode(None))
        if sounds is not None:
            for start in range(0, int(seconds * _RATE), _STEP):
                file.mux(sounds.encode(_loud(start, start / _RATE / seconds)))
            file.mux(sounds.encode(None))
    return target.getvalue()


def _video(file: Any, codec: str, turned: int) -> Any:
    stream = file.add_stream(codec, rate=10)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    if turned:
        stream.set_display_rotation(turned)
    return stream


def _loud(start: int, share: float) -> Any:
    loudness = 0 if share < 0.5 else int(28_000 * share)
    samples = array.array("h", [int(loudness * math.sin((start + at) * 0.06)) for at in range(_STEP)])
    frame = av.AudioFrame(format="s16", layout="mono", samples=_STEP)
    frame.planes[0].update(samples.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = _RATE, start, Fraction(1, _RATE)
    return frame
