"""Makes the sound of a new message: two soft notes, one above the other. `make icons` makes it anew."""

import math
import wave
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent.parent / "static" / "sound" / "message.wav"
RATE = 16_000
SECONDS = 0.62
VOLUME = 0.1
LOW, HIGH = 659, 880
TURN = 0.12
# So fast the second note dies away.
DECAY = 0.1


def main() -> None:
    samples = bytes(round(128 + 127 * _level(number / RATE)) for number in range(round(SECONDS * RATE)))
    with wave.open(str(FILE), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples)


def _level(at: float) -> float:
    """Return how far the air is from rest, -1 to 1. The notes meet where the first one ends."""
    if at < TURN:
        return VOLUME * math.sin(2 * math.pi * LOW * at)
    since = at - TURN
    return VOLUME * math.exp(-since / DECAY) * math.sin(2 * math.pi * (LOW * TURN + HIGH * since))


if __name__ == "__main__":
    main()
