"""Run the whole: servers, web, worker and beat, until Ctrl-C."""

import os
import resource
import socket
import sys
from argparse import ArgumentParser
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from chat_project.demo.cast import SIGN_IN_WITH
from chat_project.embedded import Layout, ServerError, embedded_servers
from chat_project.embedded.copies import served, taking_over
from chat_project.serving import parts, preparation, programs
from chat_project.serving.log import Log
from chat_project.serving.port import listen
from chat_project.serving.probe import when_answered
from chat_project.serving.reach import require_database, require_redis
from chat_project.serving.supervisor import Supervisor

_DESCRIPTORS = 65_536


class Command(BaseCommand):
    help = "Run the whole: embedded servers where no URL names others, web, worker and beat, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--parts",
            metavar="PART,…",
            default="",
            help=f"Run these alone, of {', '.join(parts.PARTS)}; `prepare` has to come first. Without it, everything.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        log = Log(sys.stdout.fileno())
        _allow_many_sockets()
        try:
            if options["parts"]:
                _require_given_servers()
                parts.serve_parts(options["parts"].split(","), settings.LAYOUT, log)
            else:
                with closing(listen(settings.HOST, settings.PORT)) as listener:
                    serve(settings.LAYOUT, listener, log)
        except ServerError as error:
            log.say(str(error))
            sys.exit(1)
        except (CommandError, DatabaseError) as error:
            log.say(f"the preparation failed: {error}".splitlines()[0])
            sys.exit(1)
        except KeyboardInterrupt:
            pass
        log.say("stopped")


def serve(layout: Layout, listener: socket.socket, log: Log) -> None:
    """Start everything, and look after it until a signal asks to stop.

    Raises: ServerError, DatabaseError, CommandError; KeyboardInterrupt where the signal comes before all is started.
    """
    if settings.WEB_PROCESSES < 1:
        raise ServerError(f"WEB_PROCESSES {settings.WEB_PROCESSES} is less than 1")
    servers = embedded_servers(layout, os.environ)
    with served(layout), Supervisor(log) as supervisor:
        with supervisor.interruptible():
            _require_given_servers()
        with taking_over(layout, servers):
            for server in servers:
                process = supervisor.start(server, is_foundation=True)
                with supervisor.interruptible():
                    server.wait_until_ready(process)
        with supervisor.interruptible():
            names = _prepare(layout, log)
        for number in range(1, settings.WEB_PROCESSES + 1):
            supervisor.start(programs.web(number, listener))

        def go_on() -> None:
            _greet(log, names)
            # Not before: they would take the web's time while it starts.
            supervisor.start(programs.worker())
            supervisor.start(programs.beat(layout))
            supervisor.mark_ready()

        when_answered(supervisor, listener, host=urlsplit(settings.SITE_URL).netloc, then=go_on)
        supervisor.run()
        log.say("stopping")


def _require_given_servers() -> None:
    if not settings.EMBEDDED_DATABASE:
        require_database("DATABASE_URL", settings.DATABASES["default"])
        require_database("MIGRATION_DATABASE_URL", settings.MIGRATION_DATABASES_DEFAULT)
    if os.environ.get("REDIS_URL"):
        require_redis("REDIS_URL", settings.REDIS_URL)


def _prepare(layout: Layout, log: Log) -> list[str]:
    """Make the database and the static files ready, and return the demo accounts that are there."""
    preparation.prepare_all(layout, log)
    preparation.forget_metrics()
    names = preparation.list_demo_accounts()
    default = connections["default"]
    default.close()
    if isinstance(default, DatabaseWrapper):
        # The pool's threads must not be there when children are forked.
        default.close_pool()
    return names


def _greet(log: Log, names: list[str]) -> None:
    if names:
        log.say(f"demo accounts: {', '.join(names)} (password {SIGN_IN_WITH})")
    if not settings.CLAMD_URL:
        log.say("no scanner (CLAMD_URL): files are served unscanned")
    log.say(f"ready: {settings.SITE_URL}/")


def _allow_many_sockets() -> None:
    """Take as many file descriptors as the system grants: each client needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
