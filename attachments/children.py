"""Media decoded in a process of its own: hostile bytes crash decoders, which is no reason for a worker to go.

The child gets the file as its input, and no environment, no address and no key. It ends with the worker's wait for it.
"""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

# What the programs end with.
_NOT_WHOLE, _TOO_LARGE, _NO_ROOM = 4, 5, 6
_REASONS = {
    _NOT_WHOLE: "The file ends before its end.",
    _TOO_LARGE: "It has more pixels than are read here.",
}
_BROKEN = "It is broken, or not what it says it is."
_TOO_MUCH = "It takes too much time or memory to read."


class BrokenMediaError(Exception):
    """The bytes can't be decoded within the limits; says why."""


def decoded(
    program: Path, arguments: Sequence[str], file: IO[bytes], *, seconds: int, pass_fds: Sequence[int] = ()
) -> tuple[dict[str, Any], bytes]:
    """Run a decoding program on a file that has a descriptor; return what it says of the file, and its bytes.

    Raises BrokenMediaError, and OSError where there is no room to write.
    """
    # The descriptor's own place: a reader before it may have been somewhere else.
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(program), *arguments],
            stdin=file.fileno(),
            capture_output=True,
            timeout=seconds,
            env={},
            pass_fds=pass_fds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BrokenMediaError(_TOO_MUCH) from None
    if done.returncode == _NO_ROOM:
        raise OSError(errno.ENOSPC, "no room for what is written anew")
    if done.returncode != 0:
        # Killed, by a limit or by its own fault.
        raise BrokenMediaError(_TOO_MUCH if done.returncode < 0 else _REASONS.get(done.returncode, _BROKEN))
    line, _, data = done.stdout.partition(b"\n")
    return json.loads(line), data
