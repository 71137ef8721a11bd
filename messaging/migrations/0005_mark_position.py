from django.db import migrations

from chat_project.core.db.operations import CreateFunction

# How far a member has read, or how far messages have reached them: see messaging/services/reading.py.
#
# PL/pgSQL, since what is counted after the member's row is locked must be what stands then: a message that is
# appended meanwhile raises the member's counters under the same lock, before or after.
#
# Rows tell of the `receipts_max` newest messages that are passed; how far the member got tells of the older ones.
# Where that is 0 no rows are kept and nobody is told. The messages are locked before rows point at them, so that one
# that is purged meanwhile is left out. `senders` wrote what is newly read or reached.
#
# No row comes back for a message that is not there, or lies before the member's history.
MARK = """
CREATE FUNCTION mark_position(
    in_conversation text, member_id text, up_to text, is_read boolean, shows_reading boolean, receipts_max bigint
)
RETURNS TABLE (
    message_seq bigint,
    read_seq bigint,
    newest_seq bigint,
    was_read boolean,
    was_delivered boolean,
    read_senders text[],
    delivered_senders text[]
)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    member conversation_members%ROWTYPE;
    moment timestamptz;
BEGIN
    SELECT * INTO member FROM conversation_members
    WHERE conversation_id = in_conversation AND user_id = member_id AND is_active FOR NO KEY UPDATE;
    SELECT seq INTO message_seq FROM messages
    WHERE conversation_id = in_conversation AND id = up_to AND seq >= member.visible_from_seq;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT last_seq INTO newest_seq FROM conversations WHERE id = in_conversation;
    moment := clock_timestamp();
    was_read := is_read AND message_seq > member.last_read_seq;
    was_delivered := message_seq > member.last_delivered_seq;
    read_seq := CASE WHEN was_read THEN message_seq ELSE member.last_read_seq END;

    IF was_read THEN
        UPDATE conversation_members SET
            last_read_seq = message_seq,
            last_read_message_id = up_to,
            last_read_at = moment,
            last_delivered_seq = greatest(last_delivered_seq, message_seq),
            unread_mention_count = CASE
                WHEN unread_mention_count = 0 OR message_seq >= newest_seq THEN 0
                ELSE (
                    SELECT count(*) FROM message_mentions n
                    JOIN messages m ON m.conversation_id = n.conversation_id AND m.id = n.message_id
                    WHERE n.conversation_id = in_conversation AND n.user_id = member_id
                        AND m.seq > message_seq AND NOT m.is_deleted
                )
            END
        WHERE conversation_id = in_conversation AND user_id = member_id;
    ELSIF was_delivered THEN
        UPDATE conversation_members SET last_delivered_seq = message_seq
        WHERE conversation_id = in_conversation AND user_id = member_id;
    END IF;

    IF receipts_max > 0 AND (was_read OR was_delivered) THEN
        WITH passed AS MATERIALIZED (
            SELECT id, sender_id,
                was_read AND seq > member.last_read_seq AS newly_read,
                was_delivered AND seq > member.last_delivered_seq AS newly_delivered
            FROM messages
            WHERE conversation_id = in_conversation AND seq <= message_seq
                AND seq > greatest(
                    least(
                        CASE WHEN was_read THEN member.last_read_seq END,
                        CASE WHEN was_delivered THEN member.last_delivered_seq END
                    ),
                    message_seq - receipts_max
                )
                AND type <> 'SYSTEM' AND NOT is_deleted AND sender_id <> member_id
            ORDER BY seq
            FOR KEY SHARE
        ), kept AS (
            INSERT INTO message_receipts (conversation_id, message_id, user_id, type, created_at)
            SELECT in_conversation, passed.id, member_id, kind, moment
            FROM passed CROSS JOIN unnest(ARRAY['DELIVERED', 'READ']::receipt_type[]) AS kind
            WHERE CASE kind WHEN 'READ' THEN passed.newly_read AND shows_reading ELSE passed.newly_delivered END
            ON CONFLICT DO NOTHING
        )
        SELECT
            array_agg(DISTINCT sender_id) FILTER (WHERE newly_read),
            array_agg(DISTINCT sender_id) FILTER (WHERE newly_delivered)
        INTO read_senders, delivered_senders
        FROM passed;
    END IF;
    RETURN NEXT;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0004_database_epoch"),
    ]

    operations = [
        CreateFunction("mark_position", "text, text, text, boolean, boolean, bigint", MARK),
    ]
