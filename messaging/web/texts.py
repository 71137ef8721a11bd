"""The texts that the page's script shows, in the page's language."""

from django.utils.translation import gettext as _


def script_texts() -> dict[str, str]:
    """Return the script's texts by name; {names} in braces are filled in by the script."""
    return {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "seen_today": _("last seen at {time}"),
        "seen_yesterday": _("last seen yesterday at {time}"),
        "seen_on": _("last seen {day}"),
        "typing": _("typing"),
        "typing_one": _("{one} is typing"),
        "typing_two": _("{one} and {other} are typing"),
        "typing_many": _("{count} people are typing"),
        "you": _("You"),
        "somebody": _("Somebody"),
        "deleted_account": _("Deleted Account"),
        "deleted": _("Message deleted"),
        "deleted_quote": _("Deleted message"),
        "TEXT": "",
        "IMAGE": _("Photo"),
        "VIDEO": _("Video"),
        "AUDIO": _("Audio"),
        "FILE": _("File"),
        "unread_line": _("New messages"),
        "unread_count": _("{count} unread"),
        "state_sending": _("sending"),
        "state_sent": _("sent"),
        "state_delivered": _("delivered"),
        "state_read": _("read"),
        "state_failed": _("not sent"),
        "waits": _("Not sent yet. It goes when the connection is back."),
        "retry": _("Retry"),
        "discard": _("Take back"),
        "characters_left": _("{count} left"),
        "characters_over": _("{count} too many"),
        "connecting": _("Connecting…"),
        "offline": _("Waiting for a network…"),
    }
