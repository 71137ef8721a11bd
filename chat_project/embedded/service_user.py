"""The user that the embedded servers run as, when we are root and PostgreSQL refuses to be."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_project.embedded.errors import ServerError

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class ServiceUser:
    name: str
    uid: int
    gid: int

    @property
    def popen_options(self) -> dict[str, Any]:
        """What makes `subprocess` start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, path: Path) -> bool:
        """Tell whether this user may enter a directory, or run a program."""
        # Asked of the system itself: only it knows of groups, access lists and read-only mounts.
        question = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return subprocess.run(question, check=False, cwd=os.sep, **self.popen_options).returncode == 0


def service_user(data: Path) -> ServiceUser | None:
    """Return who runs the servers instead of root: the data's owner, else the system's postgres, else nobody.

    None unless we are root: then they run as ourselves.
    """
    if os.geteuid() != 0:
        return None
    names: tuple[str, ...] = _CANDIDATES
    if data.exists() and (owner := data.stat().st_uid):
        names = (_name_of(owner),)
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ServerError("PostgreSQL refuses to run as root, and there is no user nobody here: run as a plain user")


def our_name() -> str:
    """Return the name by which PostgreSQL's `peer` authentication will know us."""
    return _name_of(os.geteuid())


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError as error:
        raise ServerError(
            f"the user id {uid} has no name in /etc/passwd, which the embedded PostgreSQL needs: "
            "give it one, or set DATABASE_URL"
        ) from error
