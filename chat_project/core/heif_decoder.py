"""The program that decodes one HEIF picture, from its input to its output: run by `heif.py`, and never imported.

It knows nothing of the rest, and may take no more than it needs.
"""

import io
import resource
import sys

import pi_heif
from PIL import Image

MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 15
TOO_MANY_PIXELS = 3


def main(side: int, max_pixels: int) -> int:
    """Write the picture as PNG, its shorter side at least `side` where it was; return what the process ends with."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    pi_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("HEIF",)) as image:
        if image.width * image.height > max_pixels:
            return TOO_MANY_PIXELS
        smaller = image.reduce(max(1, min(image.size) // side))
    plain = smaller.convert("RGBA" if smaller.has_transparency_data else "RGB")
    plain.info.clear()
    plain.save(sys.stdout.buffer, "PNG", compress_level=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
