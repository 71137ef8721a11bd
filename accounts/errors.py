"""What accounts refuse."""

from chat_project.core.errors import ConflictError, InvalidError, NotAllowedError, NotAuthenticatedError, NotFoundError


class InvalidTokenError(NotAuthenticatedError):
    """401: the token is forged, expired, or its session has ended."""

    code = "invalid_token"
    detail = "This token is not valid. Refresh it, or sign in again."


class RefreshTokenReusedError(NotAuthenticatedError):
    """401: a refresh token that was used before; its session is ended, since somebody holds a copy."""

    code = "refresh_token_reused"
    detail = "This refresh token was used before, so its session has ended. Sign in again."


class InvalidCredentialsError(NotAuthenticatedError):
    """401: no such account, or not its password; nobody learns which."""

    code = "invalid_credentials"
    detail = "The name or the password is wrong."


class SecondFactorRequiredError(NotAuthenticatedError):
    """401: the password is right, and not enough. `token` goes with the second factor, `methods` says what may."""

    code = "second_factor_required"
    detail = "This account asks for a second factor."


class SecondFactorWrongError(NotAuthenticatedError):
    """401: the token is good, and what came with it is not."""

    code = "second_factor_wrong"
    detail = "This is wrong, or was used before."


class AccountSuspendedError(NotAllowedError):
    """403: the right password of an account that is suspended."""

    code = "account_suspended"
    detail = "This account is suspended."


class RegistrationClosedError(NotAllowedError):
    """403: this server takes no new accounts."""

    code = "registration_closed"
    detail = "This server takes no new accounts."


class InvalidLinkError(InvalidError):
    """400: the token of a mail's link is forged, of another kind, expired, or was used."""

    code = "invalid_token"
    detail = "This link is too old, or was used already."

    def __init__(self) -> None:
        super().__init__(errors={"token": [self.detail]})


class PersonNotFoundError(NotFoundError):
    """404: no such person."""

    detail = "There is no such person."


class PasskeyNotFoundError(NotFoundError):
    """404: no passkey of one's own has this id."""

    detail = "There is no such passkey."


class SessionNotFoundError(NotFoundError):
    """404: no live session of one's own has this id."""

    detail = "There is no such session."


class ContactRequestNotFoundError(NotFoundError):
    """404: no request that one may see has this id."""

    detail = "There is no such request."


class ContactRequestAnsweredError(ConflictError):
    """409: the request was answered otherwise before."""

    code = "request_answered"
    detail = "This request was answered before."


class ContactRequestPendingError(ConflictError):
    """409: one's own request to this person still waits."""

    code = "request_pending"
    detail = "Your request to this person is still waiting for an answer."


class AlreadyContactsError(ConflictError):
    """409: the two are contacts."""

    code = "already_contacts"
    detail = "You are contacts already."


class ContactNotFoundError(NotFoundError):
    """404: this person is no contact."""

    detail = "This person is none of your contacts."


class BlockNotFoundError(NotFoundError):
    """404: this person is not blocked."""

    detail = "You have not blocked this person."


class ExportRunningError(ConflictError):
    """409: an export of this person is being made."""

    code = "export_running"
    detail = "Your data is being put together already."


class ExportNotFoundError(NotFoundError):
    """404: no finished export of one's own has this id, or its time has passed."""

    detail = "There is no such export."
