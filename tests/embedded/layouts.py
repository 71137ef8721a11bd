"""Copies for tests: a directory each, away from everything else."""

import shutil
import tempfile
from pathlib import Path

from chat_project.embedded import Layout, Postgres, Valkey, outside


def new_layout(*below: str) -> Layout:
    """Lay out a copy. pytest's tmp_path won't do: as root, the servers' user may not pass through it."""
    directory = Path(tempfile.mkdtemp(prefix="chat-test-"))
    directory.chmod(0o711)
    return Layout.of(directory.joinpath(*below))


def remove(layout: Layout) -> None:
    """End the copy's servers and take its files away."""
    for server in (Postgres(layout), Valkey(layout)):
        server.stop()
    shutil.rmtree(layout.socket_dir, ignore_errors=True)
    if layout.postgres_data.is_symlink():
        shutil.rmtree(outside.directory(layout))
    shutil.rmtree(next(place for place in (layout.data_dir, *layout.data_dir.parents) if "chat-test-" in place.name))
