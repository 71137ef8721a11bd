"""What a file is, by its bytes, and what it may be called."""

import unicodedata

GENERIC = "application/octet-stream"
# How much of a file tells what it is.
HEAD_BYTES = 16
NAME_MAX_LENGTH = 255

_FALLBACK = "file"
_MAGIC = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))
# Browsers show these and run nothing in them; each was made anew before it is served.
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def sniffed(head: bytes) -> str:
    """Return the type of a file by its first bytes; what is no picture that is decoded here is GENERIC."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((mime_type for magic, mime_type in _MAGIC if head.startswith(magic)), GENERIC)


def clean_name(name: str) -> str:
    """Return what a file may be called: no folders, no control or bidi characters, its ending kept."""
    base = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(each for each in base if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    kept = kept.strip(" .") or _FALLBACK
    if len(kept) <= NAME_MAX_LENGTH:
        return kept
    stem, dot, ending = kept.rpartition(".")
    if not stem or len(ending) > 16:
        return kept[:NAME_MAX_LENGTH]
    return stem[: NAME_MAX_LENGTH - len(ending) - 1] + dot + ending
