"""Over which group of the channel layer a conversation's or a person's events go."""

import zlib


def shard_of(subject: str, shards: int) -> int:
    """Return the number of the shard that carries the events of a conversation or a person."""
    return zlib.crc32(subject.encode()) % shards


def group_of(shard: int) -> str:
    """Return the name of a shard's group in the channel layer."""
    return f"shard.{shard}"
