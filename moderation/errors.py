"""What moderation refuses."""

from chat_project.core.errors import ConflictError, NotAllowedError, NotFoundError


class AlreadyReportedError(ConflictError):
    """409: one's own report of the same is open still."""

    code = "already_reported"
    detail = "You have reported this already, and somebody will look at it."


class ReportNotFoundError(NotFoundError):
    """404: there is no such report."""

    detail = "There is no such report."


class WarningNotFoundError(NotFoundError):
    """404: there is no such warning, or it is somebody else's."""

    detail = "There is no such warning."


class ReportTransitionError(ConflictError):
    """409: the report is not in a state from which this can be done: somebody else was first."""

    code = "report_transition"
    detail = "Somebody else was first: look at the report again."


class StaffProtectedError(NotAllowedError):
    """403: nobody acts on staff of their own rank or above it, nor on themselves."""

    code = "staff_protected"
    detail = "This person is staff of your rank or above: somebody above them has to decide."
