from accounts.models.contacts import BlockedUser, ContactRequest
from accounts.models.exports import ExportJob
from accounts.models.limits import LimitWindow
from accounts.models.mails import OutgoingMail, PendingEmail
from accounts.models.names import ReservedName
from accounts.models.objects import DiscardedObject
from accounts.models.push import PushSubscription
from accounts.models.second_factors import AuthenticatorApp, Passkey, RecoveryCode, SpentToken
from accounts.models.sessions import UserSession
from accounts.models.users import User

__all__ = [
    "AuthenticatorApp",
    "BlockedUser",
    "ContactRequest",
    "DiscardedObject",
    "ExportJob",
    "LimitWindow",
    "OutgoingMail",
    "Passkey",
    "PendingEmail",
    "PushSubscription",
    "RecoveryCode",
    "ReservedName",
    "SpentToken",
    "User",
    "UserSession",
]
