from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.services.verifying import verify_audit_log


class Command(BaseCommand):
    help = (
        "Hold the audit log against its seals, and name the first row that was changed, added or taken away. Exit "
        "code 1 where there is one. It reads alone, and is safe to interrupt."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            metavar="HASH",
            help="The hash of a seal from the server's log, which must be in the chain: so that newest seals which "
            "were taken back are missed too.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verified = verify_audit_log(head=options["head"])
        if verified.broken:
            raise CommandError(f"{verified.broken.row_id}: {verified.broken.what}")
        self.stdout.write(
            f"{verified.rows} rows under {verified.seals} seals are as they were sealed; {verified.unsealed} are not "
            f"sealed yet\nnewest seal: {verified.head}"
        )
