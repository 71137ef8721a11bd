"""Every action that the audit log knows, with the details that a row of it may hold: ids, counts and words of our own.

What is not listed can't be recorded. An action that is not here, or a detail, is a line to add, and to ask of: is it an
id, a count, a time or a word of this program? Names, content, addresses of mail and what somebody typed are none.
"""

from collections.abc import Mapping

ACTIONS: Mapping[str, frozenset[str]] = {
    action: frozenset(details.split())
    for action, details in {
        # Signing in.
        "sign_in.failed": "count",
        "password.refused": "count",
        "second_factor.failed": "count",
        "session.started": "",
        "session.new_device": "",
        "session.revoked": "reason",
        # Accounts.
        "account.registered": "",
        "account.updated": "fields",
        "account.closed": "",
        "account.purged": "",
        "account.exported": "",
        "account.suspended": "until",
        "account.suspension_lifted": "",
        "avatar.changed": "",
        "avatar.removed": "",
        "attachment.bytes_deleted": "",
        "attachment.infected": "",
        "attachment.released": "",
        "attachment.rescan_asked": "",
        "email.change_asked": "",
        "email.verified": "changed",
        "export.requested": "",
        "export.made": "size",
        "password.changed": "",
        "password.replaced": "",
        "password.reset": "",
        "password.reset_asked": "",
        "privacy.changed": "keys",
        "authenticator_app.added": "",
        "authenticator_app.removed": "",
        "passkey.added": "passkey_id",
        "passkey.removed": "passkey_id",
        "recovery_code.used": "left",
        "recovery_codes.renewed": "",
        "second_factors.removed": "",
        "staff.changed": "group",
        # Between people.
        "contact.accepted": "user_id",
        "contact.ended": "",
        "person.blocked": "",
        "person.unblocked": "",
        # Conversations.
        "conversation.archived": "",
        "conversation.deleted": "members",
        "conversation.picture_changed": "",
        "conversation.picture_removed": "",
        "conversation.unarchived": "",
        "conversation.updated": "fields",
        "invite.created": "max_uses",
        "invite.revoked": "",
        "join_request.approved": "user_id",
        "join_request.declined": "user_id",
        "member.banned": "user_id until",
        "member.changed": "user_id role permissions restricted_until",
        "member.removed": "user_id",
        "member.unbanned": "user_id",
        "ownership.inherited": "user_id",
        "ownership.transferred": "user_id",
        # Messages.
        "message.deleted": "sender_id",
        "messages.archived": "conversation_id month rows",
        "messages.restored": "conversation_id month rows",
        # Moderation.
        "evidence.opened": "",
        "evidence.file_opened": "file_id",
        "report.filed": "target_type reason",
        "report.taken_up": "",
        "report.taken_over": "former_id",
        "report.resolved": "",
        "report.dismissed": "",
        "person.warned": "report_id",
        "warning.acknowledged": "",
        "audit.exported": "",
        # Running the server.
        "audit.month_dropped": "month rows",
        "retention.applied": "policy rows",
    }.items()
}
