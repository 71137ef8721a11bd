"""What conversations refuse."""

from chat_project.core.errors import ConflictError, NotAllowedError, NotFoundError


class ConversationNotFoundError(NotFoundError):
    """There is no such conversation, or the viewer is no member of it."""

    detail = "There is no such conversation, or you are no member of it."


class MemberNotFoundError(NotFoundError):
    """The person is no member of the conversation."""

    detail = "This person is no member of the conversation."


class ConversationArchivedError(NotAllowedError):
    """Nothing can be sent to a conversation that is archived for all."""

    code = "conversation_archived"
    detail = "This conversation is archived."


class OwnerMustTransferError(ConflictError):
    """The owner leaves only after making somebody else the owner."""

    code = "owner_must_transfer"
    detail = "Make somebody else the owner before you leave."


class InviteInvalidError(NotFoundError):
    """No invite has this code, or it has expired, is used up, or was revoked: nobody learns which."""

    code = "invite_invalid"
    detail = "This invite is not valid any more."


class BannedError(NotAllowedError):
    """Who is banned does not join."""

    code = "banned"
    detail = "You are banned from this conversation."


class ConversationFullError(ConflictError):
    """There is no room for one more member."""

    code = "conversation_full"
    detail = "This conversation is full."


class JoinRequestNotFoundError(NotFoundError):
    """The person does not ask to join, or was answered already."""

    detail = "This person does not ask to join."
