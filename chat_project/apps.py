from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from chat_project.core.error_reports import report_errors
from chat_project.core.slow_queries import watch_connections


class ChatProjectConfig(AppConfig):
    name = "chat_project"

    def ready(self) -> None:
        # They connect to Celery's signals and Django's checks as they are read.
        for name in ("checks", "worker"):
            import_module(f"chat_project.{name}")
        watch_connections()
        report_errors(settings.SENTRY_DSN, release=settings.RELEASE)
