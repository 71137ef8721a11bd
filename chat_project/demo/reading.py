"""Who has read what, and when: read positions, receipts, unread mentions."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from chat_project.demo.chance import Chance
from chat_project.demo.playback import Story
from chat_project.demo.screenplay import Screenplay, ScreenplayError
from conversations.enums import ConversationType
from conversations.models import ConversationMember
from messaging.enums import MessageType, ReceiptType
from messaging.models import Message, MessageReceipt

# When each message, by its seq, reached somebody or was read by them.
Moments = dict[int, datetime]


def let_read(story: Story, screenplay: Screenplay, *, now: datetime) -> None:
    """Set every member's positions and write the receipts, up to what the script leaves unread.

    Raises ScreenplayError where somebody is to have left unread what they took part in.
    """
    chance = Chance(f"{screenplay.name} read")
    unread, undelivered = screenplay.counts("unread"), screenplay.counts("undelivered")
    for name, member in story.members.items():
        heard = _heard(story, name)
        arrived_seq = _last_seq(story, member) - undelivered.get(name, 0)
        read_seq = min(_last_seq(story, member) - unread.get(name, 0), arrived_seq)
        if read_seq < max([story.joined_after[name], *(seq for _, seq in story.known[name])]):
            raise ScreenplayError(f"{screenplay.name}.txt: {name} has left unread what they took part in")
        read = _moments(heard, read_seq, story.known[name], chance.before_reading, now)
        seen = [(at, seq) for seq, at in read.items()]
        arrived = _moments(heard, arrived_seq, seen, chance.before_arriving, now)
        _set_positions(story, member, read_seq, arrived_seq, read)
        if story.conversation.type != ConversationType.CHANNEL:
            story.receipts += _receipts(member, heard, arrived, ReceiptType.DELIVERED)
            story.receipts += _receipts(member, heard, read, ReceiptType.READ)


def _heard(story: Story, name: str) -> list[Message]:
    """Return the messages that came while somebody was a member."""
    return story.messages[story.joined_after[name] : _last_seq(story, story.members[name])]


def _last_seq(story: Story, member: ConversationMember) -> int:
    """Return the seq of the last message that came while somebody was a member."""
    if member.left_at is None:
        return story.conversation.last_seq
    return max(message.seq for message in story.messages if message.created_at <= member.left_at)


def _moments(
    messages: list[Message],
    last_seq: int,
    known: Iterable[tuple[datetime, int]],
    delay: Callable[[], timedelta],
    now: datetime,
) -> Moments:
    """Return when each message up to `last_seq` was taken in: after a delay, and not after a later one was.

    `known` holds moments by which somebody must have had a message, since they answered it or reacted.
    """
    deadlines: Moments = {}
    for at, seq in known:
        deadlines[seq] = min(at, deadlines.get(seq, at))
    moments: Moments = {}
    latest = now
    for message in reversed(messages):
        if message.seq <= last_seq:
            unhurried = message.created_at + min(delay(), (now - message.created_at) * 0.9)
            latest = min(latest, unhurried, deadlines.get(message.seq, latest))
            moments[message.seq] = latest
    return moments


def _set_positions(story: Story, member: ConversationMember, read_seq: int, arrived_seq: int, read: Moments) -> None:
    member.last_read_seq = read_seq
    member.last_delivered_seq = arrived_seq
    if read_seq:
        member.last_read_message_id = story.messages[read_seq - 1].id
        member.last_read_at = read.get(read_seq, member.joined_at)
    standing = {message.id for message in story.messages[read_seq:] if not message.is_deleted}
    member.unread_mention_count = sum(
        mention.user_id == member.user_id and mention.message_id in standing for mention in story.mentions
    )


def _receipts(
    member: ConversationMember, messages: list[Message], moments: Moments, type: ReceiptType
) -> Iterator[MessageReceipt]:
    """Yield the receipts for what others wrote."""
    for message in messages:
        if message.seq in moments and message.type != MessageType.SYSTEM and message.sender != member.user:
            yield MessageReceipt(
                conversation=message.conversation,
                message_id=message.id,
                user=member.user,
                type=type,
                created_at=moments[message.seq],
            )
