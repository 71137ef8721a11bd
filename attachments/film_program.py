"""The program that reads one film or sound and writes it anew: run by `films.py`, and never imported.

It knows nothing of the rest, and may take no more than it needs. The file comes as the input, and what is written anew
goes to the descriptor that is named; out come a line of JSON and a picture from the film, as PNG.
"""

import array
import errno
import io
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
from av.stream import Disposition
from PIL import Image

MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 60
MAX_PIXELS = 50_000_000
MAX_STREAMS = 8
FRAME_SIDE = 1280
# How many parts a waveform has, and how many samples a second are looked at.
PARTS, SAMPLE_RATE = 64, 8000
# Of what is longer, each part is looked at for a moment alone.
WHOLE_SECONDS, GLIMPSE_SECONDS = 600, 0.5
# A film that ends before so much of what it says is not whole.
WHOLE_SHARE = 0.9
# What the program ends with.
BROKEN, NOT_WHOLE, TOO_LARGE, NO_ROOM = 3, 4, 5, 6

# What is written anew takes a little more than it did.
_MORE_BYTES = 16 * 1024 * 1024
# Decoders that many eyes are on; what else there is in a film is kept, and not looked at.
_CODECS = ",".join(
    (
        *("h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "libdav1d", "av1", "mpeg4", "h263", "theora", "mjpeg"),
        *("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "amrnb", "amrwb"),
        *("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8", "pcm_f32le", "pcm_s16be", "pcm_alaw", "pcm_mulaw"),
    )
)
# No protocol is called "none": a file that names another one gets nothing.
_READING = {"protocol_whitelist": "none", "codec_whitelist": _CODECS}
_WRITING = {
    "mp4": {"movflags": "+faststart"},
    "mov": {"movflags": "+faststart"},
    "3gp": {"movflags": "+faststart"},
    "mp3": {"id3v2_version": "0"},
}

_seconds: dict[str, float] = {}


class NotWholeError(Exception):
    """The file ends before its own end."""


def main(demuxer: str, muxer: str, target: int) -> int:
    """Write what is kept of a film or sound; return what the process ends with."""
    size = os.fstat(0).st_size
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, size + size // 8 + _MORE_BYTES),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))
    av.logging.set_level(None)
    try:
        header, frame = _read(demuxer, muxer, target)
    except NotWholeError:
        return NOT_WHOLE
    except Image.DecompressionBombError:
        return TOO_LARGE
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        return NO_ROOM if getattr(error, "errno", None) == errno.ENOSPC else BROKEN
    sys.stdout.buffer.write(json.dumps({**header, "seconds": _seconds}).encode() + b"\n" + frame)
    return 0


def _read(demuxer: str, muxer: str, target: int) -> tuple[dict[str, Any], bytes]:
    with os.fdopen(0, "rb", closefd=False) as file:
        with _timed("metadata"):
            source = av.open(file, "r", format=demuxer, options=_READING)
            video, audio, kept = _streams(source)
        with source:
            with _timed("strip"):
                duration = _strip(source, kept, target, muxer)
            header: dict[str, Any] = {"width": None, "height": None, "duration": duration, "waveform": None}
            frame = b""
            if video is not None:
                with _timed("frame"):
                    header["width"], header["height"], frame = _frame(source, video, duration)
            elif audio is not None:
                with _timed("waveform"):
                    header["waveform"] = _waveform(source, audio, duration)
    return header, frame


def _streams(source: Any) -> tuple[Any, Any, list[Any]]:
    """Return the film, the sound and all that is kept: no covers, and no tracks of positions and the like."""
    videos = [each for each in source.streams.video if not each.disposition & Disposition.attached_pic]
    sounds = list(source.streams.audio)
    kept = (videos + sounds)[:MAX_STREAMS]
    if not kept:
        raise ValueError("no streams")
    for each in videos:
        if each.codec_context.width * each.codec_context.height > MAX_PIXELS:
            raise Image.DecompressionBombError
    return next(iter(videos), None), next(iter(sounds), None), kept


def _strip(source: Any, kept: list[Any], target: int, muxer: str) -> float:
    """Copy the streams, without a word about them, into a new file; return how many seconds they last."""
    ends = [0.0]
    # By its name, since what stands at the end of a film is moved to its beginning through a second descriptor.
    options = {"fflags": "+bitexact", **_WRITING.get(muxer, {})}
    with av.open(f"/dev/fd/{target}", "w", format=muxer, options=options) as copy:
        streams = {each.index: copy.add_stream_from_template(each, opaque=True) for each in kept}
        for stream in streams.values():
            stream.metadata.clear()
        for packet in source.demux(kept):
            if packet.dts is None and packet.pts is None:
                continue
            if packet.is_corrupt:
                raise NotWholeError
            shown = packet.pts if packet.pts is not None else packet.dts
            ends.append(float((shown + (packet.duration or 0)) * packet.time_base))
            packet.stream = streams[packet.stream.index]
            copy.mux(packet)
    said = source.duration / av.time_base if source.duration else 0.0
    if len(ends) == 1 or max(ends) - float(source.start_time or 0) / av.time_base < said * WHOLE_SHARE:
        raise NotWholeError
    return round(said or max(ends), 3)


def _frame(source: Any, stream: Any, duration: float) -> tuple[int, int, bytes]:
    """Return how large a film is shown, and a picture from it; of one that can't be decoded here, no picture."""
    context = stream.codec_context
    if context.codec is None or not _is_decoded(context.name):
        return context.width, context.height, b""
    context.thread_count = 1
    context.options = {"max_pixels": str(MAX_PIXELS)}
    frame = _frame_at(source, stream, min(duration / 10, 10.0)) or _frame_at(source, stream, 0.0)
    if frame is None:
        raise ValueError("no frames")
    image = frame.to_image()
    if ratio := stream.sample_aspect_ratio:
        width = round(image.width * ratio)
        if ratio != 1 and 0 < width * image.height <= MAX_PIXELS:
            image = image.resize((width, image.height))
    turned = frame.rotation % 360
    width, height = (image.height, image.width) if turned in (90, 270) else image.size
    image.thumbnail((FRAME_SIDE, FRAME_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if turned in (90, 180, 270):
        image = image.transpose(getattr(Image.Transpose, f"ROTATE_{turned}"))
    target = io.BytesIO()
    image.save(target, "PNG", compress_level=1)
    return width, height, target.getvalue()


def _frame_at(source: Any, stream: Any, second: float) -> Any:
    try:
        source.seek(int(second * av.time_base), backward=True)
        return next(source.decode(stream), None)
    except av.FFmpegError:
        return None


def _waveform(source: Any, stream: Any, duration: float) -> list[int] | None:
    """Return how loud each part of a sound is, the loudest 100; None of what can't be decoded here."""
    context = stream.codec_context
    if context.codec is None or not _is_decoded(context.name) or duration <= 0:
        return None
    context.thread_count = 1
    if duration <= WHOLE_SECONDS:
        source.seek(0)
        samples = _samples(source, stream, duration + 1)
        step = max(1, len(samples) / PARTS)
        peaks = [_peak(samples[int(part * step) : int((part + 1) * step)]) for part in range(PARTS)]
    else:
        peaks = []
        for part in range(PARTS):
            source.seek(int(duration * part / PARTS * av.time_base))
            peaks.append(_peak(_samples(source, stream, GLIMPSE_SECONDS)))
    loudest = max(peaks)
    return [round(100 * peak / loudest) if loudest else 0 for peak in peaks]


def _samples(source: Any, stream: Any, seconds: float) -> "array.array[int]":
    """Return so much of a sound from where it stands, at SAMPLE_RATE, and what comes before it can't be decoded."""
    samples = array.array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    try:
        for frame in source.decode(stream):
            frame.pts = None
            for each in resampler.resample(frame):
                samples.frombytes(bytes(each.planes[0])[: each.samples * 2])
            if len(samples) >= seconds * SAMPLE_RATE:
                break
    except av.FFmpegError:
        if not samples:
            raise
    return samples


def _peak(samples: "array.array[int]") -> int:
    return max(max(samples), -min(samples)) if samples else 0


def _is_decoded(name: str) -> bool:
    return name in _CODECS.split(",")


@contextmanager
def _timed(step: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        _seconds[step] = time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
