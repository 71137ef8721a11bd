from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from chat_project.core.db.cuid import is_cuid
from messaging.services.reindexing import BATCH, START, Place, reindex_batch


class Command(BaseCommand):
    help = (
        "Make the search vectors of messages anew where a release has changed how texts are folded or divided; its "
        "notes say so. People write and search meanwhile. It may be killed anywhere: run again it writes only what is "
        "not right yet, and with --after it goes on from the place that was told last."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=_place, default=START, metavar="PLACE", help="Where to go on.")
        parser.add_argument("--batch", type=int, default=BATCH, metavar="N", help=f"Messages at a time ({BATCH}).")

    def handle(self, *args: Any, **options: Any) -> None:
        place, read, written = options["after"], 0, 0
        while (done := reindex_batch(after=place, limit=max(1, options["batch"]))).read:
            place, read, written = done.place, read + done.read, written + done.written
            self.stdout.write(f"{read} messages read, {written} written; --after {':'.join(place)}")
        self.stdout.write(f"done: {written} of {read} messages had another vector")


def _place(text: str) -> Place:
    conversation_id, _, message_id = text.partition(":")
    if not (is_cuid(conversation_id) and is_cuid(message_id)):
        raise ArgumentTypeError("give a place as it was told: two ids with a colon between")
    return Place(conversation_id, message_id)
