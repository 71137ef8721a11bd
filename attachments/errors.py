"""What attachments refuse."""

from chat_project.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError


class AttachmentNotFoundError(NotFoundError):
    """There is no such file, or it is not for the viewer to know of."""

    detail = "There is no such file, or you may not see it."


class AttachmentNotReadyError(ConflictError):
    """The file is not checked yet, or could not be."""

    code = "attachment_not_ready"
    detail = "This file is not ready."


class AttachmentInfectedError(NotAllowedError):
    """A scanner found the file to be harmful."""

    code = "attachment_infected"
    detail = "This file is harmful and is not given out."


class AttachmentSentError(ConflictError):
    """The file stands in a message, and goes with it."""

    code = "attachment_sent"
    detail = "This file was sent: delete its message."


class AttachmentInvalidError(InvalidError):
    """Among the files is one that the sender can't send here: a stranger's, a sent one, a broken one."""

    code = "attachment_invalid"

    def __init__(self, *, infected: bool = False) -> None:
        text = "A file among these is harmful." if infected else "These are no files that you uploaded here."
        super().__init__(code="attachment_infected" if infected else None, errors={"attachment_ids": [text]})


class UploadAddressInvalidError(NotAllowedError):
    """The address of an upload is forged, or its time has passed."""

    code = "upload_address_invalid"
    detail = "This address takes no upload. Ask for another one."


class UploadClosedError(ConflictError):
    """The upload is complete: its bytes stand."""

    code = "upload_closed"
    detail = "This upload is complete."


class UploadMissingError(ConflictError):
    """Completed before anything was uploaded."""

    code = "upload_missing"
    detail = "Nothing has been uploaded yet."


class UploadMismatchError(ConflictError):
    """What was uploaded is not what was announced; `errors` says in what."""

    code = "upload_mismatch"
    detail = "What was uploaded is not what was announced. Upload it again."


class TooManyUploadsError(ConflictError):
    """The person has as many uploads open as one may."""

    code = "too_many_uploads"
    detail = "You have as many uploads open as one may: complete or end one of them."


class QuotaExceededError(ConflictError):
    """The person's files take as much as one person's may."""

    code = "quota_exceeded"
    detail = "Your files take all the room that one person has."


class ConversationQuotaExceededError(ConflictError):
    """The conversation's files take as much as one conversation's may."""

    code = "conversation_quota_exceeded"
    detail = "The files here take all the room that one conversation has."


class ScannerOffError(ConflictError):
    """There is no scanner."""

    code = "scanner_off"
    detail = "There is no scanner: CLAMD_URL is not set."


class NothingToScanError(ConflictError):
    """The file is not there yet, is being checked, or was deleted."""

    code = "nothing_to_scan"
    detail = "This file can't be scanned now: it is being checked, or its bytes are gone."


class NotTakenAwayError(ConflictError):
    """The file is served, or its bytes are gone."""

    code = "not_taken_away"
    detail = "Only a file that is infected or failed is deleted here: others go with their message."


class ScannerUnavailableError(Exception):
    """The scanner does not answer; the file waits."""


class UnscannableError(Exception):
    """The scanner takes no such file, now or later."""
