"""The bodies of messaging's calls: what REST and sockets take alike."""

from collections.abc import Mapping
from typing import Any

from chat_project.core.api.fields import checked_fields, checked_texts
from chat_project.core.db.cuid import is_cuid
from chat_project.core.errors import InvalidError
from conversations.errors import ConversationNotFoundError
from messaging.drafts import ATTACHMENTS_MAX, Outgoing
from messaging.errors import MessageNotFoundError
from messaging.sync import VERSIONS_MAX

WATCHED_MAX = 200
FORWARDED_MAX = 100

_TEXT: tuple[type, ...] = (str, type(None))
_OBJECT: tuple[type, ...] = (dict, type(None))
_SEND: Mapping[str, type | tuple[type, ...]] = {
    "content": str,
    "type": _TEXT,
    "client_id": _TEXT,
    "reply_to_id": _TEXT,
    "attachment_ids": list,
    "metadata": _OBJECT,
    "encryption": _OBJECT,
}


def split_conversation(data: Any) -> tuple[str, dict[str, Any]]:
    """Return the conversation that a socket's command names, and the rest of its data.

    Raises InvalidError; ConversationNotFoundError for what can be no conversation's id.
    """
    if not isinstance(data, dict):
        raise InvalidError("The data must be a JSON object.")
    rest = {name: value for name, value in data.items() if name != "conversation_id"}
    conversation_id = data.get("conversation_id")
    if not isinstance(conversation_id, str):
        raise InvalidError.of("conversation_id", "Give the id of a conversation.")
    if not is_cuid(conversation_id):
        raise ConversationNotFoundError
    return conversation_id, rest


def outgoing(data: Any) -> Outgoing:
    """Return the body of a send, checked. Raises InvalidError, ReplyTargetInvalidError."""
    fields = checked_fields(data, required={}, optional=_SEND)
    ids = checked_texts(fields.get("attachment_ids", []), field="attachment_ids")
    if len(ids) > ATTACHMENTS_MAX:
        raise InvalidError.of("attachment_ids", f"A message takes at most {ATTACHMENTS_MAX} files.")
    return Outgoing.checked(**fields)


def new_text(data: Any) -> str:
    """Return the text of an edit, which the service checks. Raises InvalidError."""
    return str(checked_fields(data, required={"content": str}, optional={})["content"])


def split_message(data: Any) -> tuple[str, dict[str, Any]]:
    """Return the message that a socket's command names, and the rest of its data.

    Raises InvalidError; MessageNotFoundError for what can be no message's id.
    """
    message_id = data.get("message_id")
    if not isinstance(message_id, str):
        raise InvalidError.of("message_id", "Give the id of a message.")
    if not is_cuid(message_id):
        raise MessageNotFoundError
    return message_id, {name: value for name, value in data.items() if name != "message_id"}


def nothing(data: Any) -> None:
    """Check that a command has no data beside what it names. Raises InvalidError."""
    checked_fields(data, required={}, optional={})


def reaction(data: Any) -> tuple[str, str]:
    """Return the message and the emoji of a reaction. Raises InvalidError, MessageNotFoundError."""
    fields = checked_fields(data, required={"message_id": str, "emoji": str}, optional={})
    if not is_cuid(fields["message_id"]):
        raise MessageNotFoundError
    return fields["message_id"], fields["emoji"]


def read_up_to(data: Any) -> str:
    """Return the id of the message up to which all is read, or has arrived. Raises InvalidError."""
    return str(checked_fields(data, required={"message_id": str}, optional={})["message_id"])


def forwarding(data: Any) -> tuple[str, list[str]]:
    """Return the conversation from which messages are forwarded, and their ids.

    Raises InvalidError; ConversationNotFoundError, MessageNotFoundError for what can be no id.
    """
    fields = checked_fields(data, required={"from_conversation_id": str, "message_ids": list}, optional={})
    message_ids = checked_texts(fields["message_ids"], field="message_ids")
    if not 1 <= len(message_ids) <= FORWARDED_MAX or len(set(message_ids)) < len(message_ids):
        raise InvalidError.of("message_ids", f"Give 1 to {FORWARDED_MAX} messages, each once.")
    if not is_cuid(fields["from_conversation_id"]):
        raise ConversationNotFoundError
    if not all(is_cuid(message_id) for message_id in message_ids):
        raise MessageNotFoundError
    return fields["from_conversation_id"], message_ids


def typing_action(data: Any) -> str:
    """Return what somebody is doing. Raises InvalidError."""
    return str(checked_fields(data, required={}, optional={"action": str}).get("action", "typing"))


def watched_people(data: Any) -> list[str]:
    """Return the ids of a `presence.watch`, whatever texts they are. Raises InvalidError."""
    user_ids = checked_fields(data, required={"user_ids": list}, optional={})["user_ids"]
    if len(user_ids) > WATCHED_MAX:
        raise InvalidError.of("user_ids", f"Give at most {WATCHED_MAX} people.")
    return checked_texts(user_ids, field="user_ids")


def sync_query(data: Any) -> Mapping[str, Any]:
    """Return `versions`, `states` and `epoch` of a sync. Raises InvalidError."""
    fields = checked_fields(data, required={"versions": dict}, optional={"states": bool, "epoch": _TEXT})
    versions = fields["versions"]
    if len(versions) > VERSIONS_MAX:
        raise InvalidError.of("versions", f"Give at most {VERSIONS_MAX} conversations.")
    if not all(isinstance(v, int) and not isinstance(v, bool) and v >= 0 for v in versions.values()):
        raise InvalidError.of("versions", "Give a whole number, 0 or more, for each conversation.")
    return {"versions": versions, "states": fields.get("states", False), "epoch": fields.get("epoch")}
