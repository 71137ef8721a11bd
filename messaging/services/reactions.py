"""Reactions: people's emoji on a message, a bounded number of them."""

from typing import Any

from django.db import connection, transaction

from chat_project.core.errors import InvalidError
from conversations import policies
from conversations.policies import Capability
from messaging.emoji import is_emoji
from messaging.errors import MessageNotFoundError, TooManyReactionsError
from messaging.models import MessageReaction
from messaging.services.changing import LockedMessage, announce_change, locked_message, standing_message

KINDS_MAX = 20
PER_PERSON_MAX = 3

_STANDING = """
    SELECT
        (
            SELECT count(*) FROM (
                SELECT DISTINCT emoji FROM message_reactions
                WHERE conversation_id = %(conversation)s AND message_id = %(message)s
            ) AS kinds
        ),
        EXISTS (
            SELECT FROM message_reactions
            WHERE conversation_id = %(conversation)s AND message_id = %(message)s AND emoji = %(emoji)s
        ),
        count(*), coalesce(bool_or(emoji = %(emoji)s), false)
    FROM message_reactions
    WHERE conversation_id = %(conversation)s AND message_id = %(message)s AND user_id = %(user)s
"""


@transaction.atomic
def set_reaction(*, actor_id: str, conversation_id: str, message_id: str, emoji: str) -> dict[str, Any]:
    """Put a person's emoji on a message, and return the Message; one that is there already changes nothing.

    The conversation's lock decides who comes first: a message takes 20 kinds, and 3 of one person.

    Raises: ConversationNotFoundError, MessageNotFoundError also for a tombstone, InvalidError for what is no emoji,
    NotAllowedError also where reactions are off, ConversationArchivedError, TooManyReactionsError, UnavailableError.
    """
    locked = _judged(actor_id, conversation_id, message_id, emoji)
    key = {"conversation": conversation_id, "message": message_id, "user": actor_id, "emoji": emoji}
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, key)
        kinds, kind_stands, mine, is_set = cursor.fetchone()
    if is_set:
        return standing_message(locked)
    if mine >= PER_PERSON_MAX:
        raise TooManyReactionsError(f"You may put at most {PER_PERSON_MAX} emoji on a message.")
    if kinds >= KINDS_MAX and not kind_stands:
        raise TooManyReactionsError(f"A message takes at most {KINDS_MAX} kinds of emoji.")
    MessageReaction.objects.create(
        conversation_id=conversation_id, message_id=message_id, user_id=actor_id, emoji=emoji
    )
    return announce_change(locked)


@transaction.atomic
def unset_reaction(*, actor_id: str, conversation_id: str, message_id: str, emoji: str) -> dict[str, Any]:
    """Take a person's emoji from a message, and return the Message; one that is not there changes nothing.

    Raises what `set_reaction` does, but for TooManyReactionsError.
    """
    locked = _judged(actor_id, conversation_id, message_id, emoji)
    deleted, _ = MessageReaction.objects.filter(
        conversation_id=conversation_id, message_id=message_id, user_id=actor_id, emoji=emoji
    ).delete()
    return announce_change(locked) if deleted else standing_message(locked)


def _judged(actor_id: str, conversation_id: str, message_id: str, emoji: str) -> LockedMessage:
    locked = locked_message(viewer_id=actor_id, conversation_id=conversation_id, message_id=message_id)
    if locked.message.is_gone:
        raise MessageNotFoundError
    if not is_emoji(emoji):
        raise InvalidError.of("emoji", "Give one emoji.")
    policies.require_may_annotate(locked.membership, Capability.REACT)
    return locked
