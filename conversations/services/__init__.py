from conversations.services.bans import ban_member, lift_ban, update_member
from conversations.services.creation import create_conversation, open_dm
from conversations.services.information import delete_conversation, set_archived, update_conversation
from conversations.services.invites import create_invite, join_by_invite, revoke_invite
from conversations.services.joining import approve_join_request, decline_join_request, join_public
from conversations.services.leaving import close_account
from conversations.services.members import add_members, leave_conversation, remove_member
from conversations.services.pictures import change_picture, remove_picture
from conversations.services.preferences import update_preferences
from conversations.services.roles import change_member, transfer_ownership
from conversations.services.succession import end_memberships, pass_ownership_on

__all__ = [
    "add_members",
    "approve_join_request",
    "ban_member",
    "change_member",
    "change_picture",
    "close_account",
    "create_conversation",
    "create_invite",
    "decline_join_request",
    "delete_conversation",
    "end_memberships",
    "join_by_invite",
    "join_public",
    "leave_conversation",
    "lift_ban",
    "open_dm",
    "pass_ownership_on",
    "remove_member",
    "remove_picture",
    "revoke_invite",
    "set_archived",
    "transfer_ownership",
    "update_conversation",
    "update_member",
    "update_preferences",
]
