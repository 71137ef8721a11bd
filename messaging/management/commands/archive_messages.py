from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from chat_project.core.progress import Bar
from chat_project.core.storage import STORAGE_ERRORS
from messaging.services.archive_files import ArchiveDamagedError
from messaging.services.archiving import BusyError, archive_conversation, count_archivable, list_conversations


class Command(BaseCommand):
    help = (
        "Move messages from before a day to the object storage, as compressed JSON lines, a month of a conversation at "
        "a time; restore_messages brings them back. The newest 100 of each conversation stay, and what "
        "docs/operations.md says besides. An object is read back and checked before a message goes. It may be stopped "
        "or killed anywhere; the next run goes on. Exit code 1 where a conversation was busy, or an object is damaged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", metavar="DATE", required=True, help="A day like 2027-01-31 (UTC).")
        parser.add_argument("--conversation", metavar="ID", action="append", help="Only this one; may be given again.")
        parser.add_argument("--dry-run", action="store_true", help="Count what would go, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        before = _day(options["before"])
        wanted = options["conversation"]
        ids = [found for found in list_conversations(before) if not wanted or found in wanted]
        run = _count if options["dry_run"] else _archive
        messages = conversations = 0
        failed: list[str] = []
        slowest = 0.0
        with Bar(self.stderr, "conversations", len(ids)) as bar:
            for number, conversation_id in enumerate(ids, 1):
                try:
                    count, seconds = run(conversation_id, before)
                except (BusyError, ArchiveDamagedError) as error:
                    failed.append(f"{conversation_id}: {error if str(error) else 'busy'}")
                    continue
                except STORAGE_ERRORS as error:
                    raise CommandError(f"The storage failed, and no message went without its copy: {error}") from error
                messages += count
                conversations += bool(count)
                slowest = max(slowest, seconds)
                bar.show(number)
        if options["dry_run"]:
            self.stdout.write(f"{messages} messages of {conversations} conversations would be archived")
            return
        self.stdout.write(
            f"{messages} messages of {conversations} conversations archived; the longest lock was held for "
            f"{slowest * 1000:.0f} ms"
        )
        if failed:
            raise CommandError(f"{len(failed)} conversations are left to the next run:\n" + "\n".join(failed))


def _count(conversation_id: str, before: datetime) -> tuple[int, float]:
    return count_archivable(conversation_id=conversation_id, before=before), 0.0


def _archive(conversation_id: str, before: datetime) -> tuple[int, float]:
    messages, slowest = 0, 0.0
    for progress in archive_conversation(conversation_id=conversation_id, before=before):
        messages, slowest = progress.messages, progress.slowest_seconds
    return messages, slowest


def _day(text: str) -> datetime:
    """Return the beginning of a past day in UTC. Raises CommandError."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"{text} is no day. Give one like 2027-01-31.")
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if moment > timezone.now():
        raise CommandError(f"{text} is not past.")
    return moment
