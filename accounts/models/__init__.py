from accounts.models.contacts import BlockedUser, ContactRequest
from accounts.models.limits import LimitWindow
from accounts.models.mails import OutgoingMail, PendingEmail
from accounts.models.names import ReservedName
from accounts.models.sessions import UserSession
from accounts.models.users import User

__all__ = [
    "BlockedUser",
    "ContactRequest",
    "LimitWindow",
    "OutgoingMail",
    "PendingEmail",
    "ReservedName",
    "User",
    "UserSession",
]
