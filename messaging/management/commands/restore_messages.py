from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from chat_project.core.progress import Bar
from chat_project.core.storage import STORAGE_ERRORS
from messaging.services.archive_files import ArchiveDamagedError
from messaging.services.restoring import (
    check_segment,
    list_archived_conversations,
    list_segments,
    restore_conversation,
)


class Command(BaseCommand):
    help = (
        "Bring archived messages of conversations back into the database, to their old places; what retention or a "
        "purge has taken since does not come back. Every object is checked against its hash before anything is "
        "written. It may be stopped or killed anywhere; the next run goes on. Exit code 1 where nothing is archived, "
        "or an object is missing or damaged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("conversations", metavar="CONVERSATION", nargs="*", default=[], help="Ids of conversations.")
        which.add_argument("--all", action="store_true", help="All conversations of which something is archived.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Check the objects, say what would come, and change nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        restored = 0
        for conversation_id in list_archived_conversations() if options["all"] else options["conversations"]:
            try:
                restored += self._restore(conversation_id, dry_run=options["dry_run"])
            except ArchiveDamagedError as error:
                raise CommandError(f"{conversation_id}: {error}. Nothing more was restored.") from None
            except STORAGE_ERRORS as error:
                raise CommandError(f"The storage failed: {error}. Run it again to go on.") from error
            except OperationalError as error:
                reason = str(error).splitlines()[0]
                raise CommandError(f"{conversation_id}: {reason}. Run it again to go on.") from error
        self.stdout.write(f"{restored} messages {'would be restored' if options['dry_run'] else 'restored'}")

    def _restore(self, conversation_id: str, *, dry_run: bool) -> int:
        segments = list_segments(conversation_id=conversation_id)
        if not segments:
            raise CommandError(f"Nothing of {conversation_id} is archived.")
        total = 0
        for segment in segments:
            total += check_segment(segment)
            if dry_run:
                self.stdout.write(f"{conversation_id} {segment.month:%Y-%m}: {segment.messages} messages, whole")
        if dry_run:
            return total
        restored = 0
        with Bar(self.stderr, conversation_id, total) as bar:
            for restored in restore_conversation(conversation_id=conversation_id):
                bar.show(restored)
        return restored
