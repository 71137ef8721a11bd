"""What messaging refuses."""

from chat_project.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, TooManyRequestsError


class MessageNotFoundError(NotFoundError):
    """There is no such message, or it lies before the viewer's history."""

    detail = "There is no such message, or you may not see it."


class ReplyTargetInvalidError(InvalidError):
    """The message that is answered is deleted, of another conversation, or not there."""

    code = "reply_target_invalid"
    detail = "The message that you reply to is not there."

    def __init__(self) -> None:
        super().__init__(errors={"reply_to_id": [self.detail]})


class NotForwardableError(InvalidError):
    """Among the messages is one that goes nowhere else: deleted, expiring, encrypted, or the system's."""

    code = "not_forwardable"
    detail = "These messages can't be forwarded."

    def __init__(self) -> None:
        super().__init__(errors={"message_ids": [self.detail]})


class TooManyReactionsError(ConflictError):
    """A message takes so many kinds of emoji, and so many of one person."""

    code = "too_many_reactions"


class EditWindowPassedError(NotAllowedError):
    """The message is too old to be edited."""

    code = "edit_window_passed"
    detail = "This message is too old to be edited."


class EncryptedMessageError(NotAllowedError):
    """The message is ciphertext, which is not replaced by text in clear."""

    code = "message_encrypted"
    detail = "An encrypted message can't be edited."


class SlowModeError(TooManyRequestsError):
    """The conversation's slow mode asks for a pause."""

    code = "slow_mode"
    detail = "Slow mode is on here: wait before you send again."


class StrangerLimitError(NotAllowedError):
    """A stranger wrote as much as a stranger may before an answer."""

    code = "stranger_limit"
    detail = "Wait for an answer before you write more."
