"""Where a copy keeps its things: one directory, DATA_DIR, and the sockets of its embedded servers."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

APP_ROLE = "chat_app"
OWNER_ROLE = "chat_owner"
SUPERUSER_ROLE = "postgres"
DATABASE = "chat"

# sockaddr_un.sun_path less its closing NUL.
SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103
SOCKET_NAMES = (".s.PGSQL.5432", "valkey.sock")


@dataclass(frozen=True)
class Layout:
    """The places of one copy. Computing them makes no file; `embedded.directories` does."""

    data_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Layout":
        """Return the layout of a data directory, which need not exist yet."""
        return cls(data_dir.expanduser().resolve())

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], base_dir: Path) -> "Layout":
        """Return the layout that DATA_DIR names; without it, that of `var` in the checkout."""
        return cls.of(Path(environ.get("DATA_DIR") or base_dir / "var"))

    @property
    def postgres_data(self) -> Path:
        return self.data_dir / "postgres"

    @cached_property
    def socket_dir(self) -> Path:
        """In DATA_DIR; where that is closed to the servers, or too long for a socket, in the temporary directory."""
        near = self.data_dir / "run"
        if self.is_open and all(len(os.fsencode(near / name)) <= SOCKET_PATH_LIMIT for name in SOCKET_NAMES):
            return near
        return Path(tempfile.gettempdir()) / f"chat-{os.getuid()}-{self.digest}"

    @property
    def digest(self) -> str:
        """What tells this copy's things from other copies' outside DATA_DIR."""
        return hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]

    @cached_property
    def is_open(self) -> bool:
        """Whether the embedded servers can get to DATA_DIR: run by root they are another user."""
        if os.geteuid() != 0:
            return True
        return all(parent.stat().st_mode & 0o001 for parent in self.data_dir.parents if parent.exists())

    @property
    def valkey_socket(self) -> Path:
        return self.socket_dir / "valkey.sock"

    @property
    def database_url(self) -> str:
        return self.database_url_for(APP_ROLE)

    @property
    def migration_database_url(self) -> str:
        return self.database_url_for(OWNER_ROLE)

    def database_url_for(self, role: str, database: str = DATABASE) -> str:
        """Return the URL of the embedded database for a role, in the form that django-environ takes for sockets."""
        # A percent-encoded host, libpq's form, comes out of django-environ still encoded and in lower case.
        return f"postgres://{role}@/{quote(str(self.socket_dir), safe='')}/{database}"

    @property
    def redis_url(self) -> str:
        """The embedded Valkey without a database number: append `?db=N`."""
        return f"unix://{quote(str(self.valkey_socket))}"

    @property
    def secret_key_file(self) -> Path:
        return self.data_dir / "secret_key"

    @property
    def vapid_key_file(self) -> Path:
        return self.data_dir / "vapid_key"

    @property
    def backups_dir(self) -> Path:
        return self.data_dir / "backups"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"
