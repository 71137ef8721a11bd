"""What a moderator decides on a report: an action, always with a note that says why."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.names import clean_text
from chat_project.core.errors import InvalidError
from moderation.enums import ActionKind
from moderation.models.actions import NOTE_MAX_LENGTH, TOLD_MAX_LENGTH

ENDINGS = (ActionKind.RESOLVE, ActionKind.DISMISS)
MEASURES = (
    ActionKind.DELETE_MESSAGE,
    ActionKind.WARN,
    ActionKind.SUSPEND,
    ActionKind.BAN,
    ActionKind.REMOVE_MEMBER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing to do about a report. `closes` resolves it at once; an ending always closes it."""

    kind: ActionKind
    note: str
    until: datetime | None = None
    told: str = ""
    closes: bool = False

    @classmethod
    def checked(
        cls, *, kind: str, note: str, until: datetime | None = None, told: str = "", closes: bool = False
    ) -> "Decision":
        """Return a decision that can be carried out. Raises InvalidError, which names the fields."""
        errors: dict[str, list[str]] = {}
        if kind not in (*MEASURES, *ENDINGS):
            errors["kind"] = ["Choose what to do."]
        note, told = checked_note(note, errors), clean_text(told)
        if kind == ActionKind.SUSPEND and (until is None or until <= timezone.now()):
            errors["until"] = ["Give a time that lies ahead."]
        if kind == ActionKind.WARN and not 1 <= len(told) <= TOLD_MAX_LENGTH:
            errors["told"] = [f"Say what the person is told, in at most {TOLD_MAX_LENGTH} characters."]
        if errors:
            raise InvalidError(errors=errors)
        return cls(
            kind=ActionKind(kind),
            note=note,
            until=until if kind == ActionKind.SUSPEND else None,
            told=told if kind == ActionKind.WARN else "",
            closes=closes or kind in ENDINGS,
        )


def checked_note(note: str, errors: dict[str, list[str]]) -> str:
    """Return a note, trimmed; put what is wrong with it among the errors."""
    text = clean_text(note)
    if not 1 <= len(text) <= NOTE_MAX_LENGTH:
        errors["note"] = [f"Say why, in at most {NOTE_MAX_LENGTH} characters."]
    return text
