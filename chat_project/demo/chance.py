"""The demo's chance: how long people take. The same seed gives the same lengths, in every process."""

from datetime import timedelta
from random import Random


class Chance(Random):
    """Draws of one conversation."""

    def before_writing(self, text: str) -> timedelta:
        """Return how long somebody takes to read what was said, think, and type an answer."""
        thinking = self.uniform(9, 40) if self.random() < 0.85 else self.uniform(60, 240)
        return timedelta(seconds=thinking + min(len(text), 240) * self.uniform(0.05, 0.12))

    def before_reacting(self) -> timedelta:
        """Return how long after a message somebody reacts to it."""
        return timedelta(seconds=self.uniform(5, 45) if self.random() < 0.6 else self.uniform(60, 1500))

    def before_correcting(self) -> timedelta:
        """Return how long somebody takes to see the mistake in what they sent."""
        return timedelta(seconds=self.uniform(25, 180))

    def before_regretting(self) -> timedelta:
        """Return how fast somebody deletes what should not have been sent: sooner than anyone answers."""
        return timedelta(seconds=self.uniform(3, 8))

    def before_arriving(self) -> timedelta:
        """Return how long a message takes to reach a device: at once, or when it wakes up."""
        return timedelta(seconds=self.uniform(0.1, 1.5) if self.random() < 0.8 else self.uniform(30, 900))

    def before_reading(self) -> timedelta:
        """Return how long a message waits to be read: seconds with the chat open, minutes, or some hours."""
        mood = self.random()
        if mood < 0.5:
            return timedelta(seconds=self.uniform(2, 60))
        if mood < 0.85:
            return timedelta(minutes=self.uniform(1, 30))
        return timedelta(hours=self.uniform(0.5, 5))
