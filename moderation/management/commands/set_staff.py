from typing import Any

from django.core.management.base import CommandParser

from accounts.management.people import PersonCommand, find_person
from moderation.services.staff import GROUPS, NO_GROUP, set_staff_group


class Command(PersonCommand):
    help = (
        "Make somebody a moderator or an administrator of the admin, or take that away with none. Their sessions end, "
        "and the audit log keeps it. Exit code 1 where there is no such person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("group", choices=[*GROUPS, NO_GROUP], help="What they are from now on.")

    def handle(self, *args: Any, **options: Any) -> None:
        person = find_person(options["name"])
        set_staff_group(user_id=person.pk, group=options["group"])
        self.stdout.write(f"{person} is {'no staff' if options['group'] == NO_GROUP else options['group']} now")
