"""What attachments refuse."""

from chat_project.core.errors import (
    ApplicationError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)


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


class RangeOutsideError(ApplicationError):
    """416: the range begins after the file's end."""

    status = 416
    code = "range_outside"
    detail = "The file has no such range."


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


class StorageFullError(UnavailableError):
    """The storage keeps what is left for messages."""

    code = "storage_full"
    detail = "There is no room for files at present."

    def __init__(self) -> None:
        super().__init__(retry_after=300)


class QuotaExceededError(ConflictError):
    """The person's files take as much as one person's may."""

    code = "quota_exceeded"
    detail = "Your files take all the room that one person has."


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
