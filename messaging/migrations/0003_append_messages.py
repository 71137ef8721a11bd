from django.db import migrations

from chat_project.core.db.operations import CreateFunction

# The one statement that draws `seq` and `version`, for any number of drafts: see messaging/timeline.py.
#
# PL/pgSQL, since each statement in it sees what was committed while it waited for the conversation's lock; a CTE
# would keep its old snapshot. Conversations are locked in the order of their keys, so that two calls never wait
# for each other. With `wait` false a conversation whose lock is held is skipped (outcome "busy"), so that one busy
# conversation does not hold up the others in a batch.
#
# Each draft gets one row back, whatever became of it: appended, repeated (the client_id stands already), busy,
# missing (no such conversation), not_member, stale (judged by another members_version), slow_mode,
# stranger_limit, reply_invalid.
APPEND = """
CREATE FUNCTION append_messages(drafts jsonb, wait boolean)
RETURNS TABLE (
    draft_no integer,
    outcome text,
    message_id text,
    message_seq bigint,
    message_version bigint,
    current_members_version bigint,
    message_created_at timestamptz,
    message_expires_at timestamptz,
    retry_after double precision,
    reply jsonb
)
LANGUAGE plpgsql
SET lock_timeout = '1s'
AS $$
#variable_conflict use_column
DECLARE
    conversation conversations%ROWTYPE;
    draft record;
    member record;
    wanted_id text;
    appended boolean;
    pause double precision;
    ttl integer;
BEGIN
    FOR wanted_id IN
        SELECT DISTINCT item->>'conversation_id' COLLATE "C" FROM jsonb_array_elements(drafts) AS item ORDER BY 1
    LOOP
        IF wait THEN
            SELECT * INTO conversation FROM conversations WHERE id = wanted_id FOR NO KEY UPDATE;
        ELSE
            SELECT * INTO conversation FROM conversations WHERE id = wanted_id FOR NO KEY UPDATE SKIP LOCKED;
        END IF;
        appended := false;

        FOR draft IN
            SELECT
                position::integer AS no,
                item->>'id' AS id,
                item->>'sender_id' AS sender_id,
                (item->>'type')::message_type AS type,
                item->>'content' AS content,
                item->'metadata' AS metadata,
                item->>'reply_to_id' AS reply_to_id,
                nullif(item->'forwarded_from', 'null') AS forwarded_from,
                item->>'client_id' AS client_id,
                nullif(item->'encryption', 'null') AS encryption,
                (item->>'search')::tsvector AS search,
                (item->>'members_version')::bigint AS members_version,
                (item->>'slow_mode')::boolean AS slow_mode,
                (item->>'stranger_limit')::integer AS stranger_limit
            FROM jsonb_array_elements(drafts) WITH ORDINALITY AS listed (item, position)
            WHERE item->>'conversation_id' = wanted_id
            ORDER BY position
        LOOP
            draft_no := draft.no;
            message_id := NULL;
            message_seq := NULL;
            message_version := NULL;
            message_created_at := NULL;
            message_expires_at := NULL;
            retry_after := NULL;
            reply := NULL;
            current_members_version := conversation.members_version;

            IF conversation.id IS NULL THEN
                outcome := CASE WHEN wait THEN 'missing' ELSE 'busy' END;
                RETURN NEXT;
                CONTINUE;
            END IF;

            SELECT m.is_active, m.visible_from_seq, m.last_sent_at INTO member
            FROM conversation_members m
            WHERE m.conversation_id = wanted_id AND m.user_id = draft.sender_id;
            IF member.is_active IS NOT TRUE THEN
                outcome := 'not_member';
                RETURN NEXT;
                CONTINUE;
            END IF;

            IF draft.client_id IS NOT NULL THEN
                SELECT m.id INTO message_id FROM messages m
                WHERE m.conversation_id = wanted_id AND m.sender_id = draft.sender_id
                    AND m.client_id = draft.client_id;
                IF FOUND THEN
                    outcome := 'repeated';
                    RETURN NEXT;
                    CONTINUE;
                END IF;
            END IF;

            IF draft.members_version <> conversation.members_version THEN
                outcome := 'stale';
                RETURN NEXT;
                CONTINUE;
            END IF;

            message_created_at :=
                greatest(clock_timestamp(), conversation.last_message_at + interval '1 microsecond');

            IF draft.slow_mode THEN
                pause := (conversation.settings->>'slow_mode_seconds')::double precision
                    - extract(epoch FROM message_created_at - member.last_sent_at);
                IF pause > 0 THEN
                    outcome := 'slow_mode';
                    retry_after := pause;
                    RETURN NEXT;
                    CONTINUE;
                END IF;
            END IF;

            -- A DM in which only one has written holds that person's messages alone.
            IF draft.stranger_limit IS NOT NULL AND conversation.last_seq >= draft.stranger_limit AND NOT EXISTS (
                SELECT FROM conversation_members m
                WHERE m.conversation_id = wanted_id AND m.user_id <> draft.sender_id AND m.has_sent
            ) THEN
                outcome := 'stranger_limit';
                RETURN NEXT;
                CONTINUE;
            END IF;

            IF draft.reply_to_id IS NOT NULL THEN
                SELECT jsonb_build_object(
                    'id', m.id, 'sender_id', m.sender_id, 'type', m.type, 'content', m.content, 'is_deleted', false,
                    'seq', m.seq
                ) INTO reply
                FROM messages m
                WHERE m.conversation_id = wanted_id AND m.id = draft.reply_to_id
                    AND NOT m.is_deleted AND m.seq >= member.visible_from_seq;
                IF NOT FOUND THEN
                    outcome := 'reply_invalid';
                    RETURN NEXT;
                    CONTINUE;
                END IF;
            END IF;

            conversation.last_seq := conversation.last_seq + 1;
            conversation.version := conversation.version + 1;
            conversation.last_message_id := draft.id;
            conversation.last_message_at := message_created_at;
            appended := true;

            ttl := (conversation.settings->>'message_ttl_seconds')::integer;
            message_id := draft.id;
            message_seq := conversation.last_seq;
            message_version := conversation.version;
            message_expires_at := CASE WHEN ttl > 0 THEN message_created_at + make_interval(secs => ttl) END;

            INSERT INTO messages (
                conversation_id, id, seq, version, sender_id, type, content, metadata, reply_to_id, forwarded_from,
                client_id, encryption, search, created_at, expires_at
            ) VALUES (
                wanted_id, draft.id, message_seq, message_version, draft.sender_id, draft.type, draft.content,
                draft.metadata, draft.reply_to_id, draft.forwarded_from, draft.client_id, draft.encryption,
                draft.search, message_created_at, message_expires_at
            );

            UPDATE conversation_members SET
                last_read_seq = message_seq,
                last_read_message_id = draft.id,
                last_read_at = message_created_at,
                last_delivered_seq = message_seq,
                unread_mention_count = 0,
                has_sent = has_sent OR draft.type <> 'SYSTEM',
                last_sent_at = CASE WHEN draft.type = 'SYSTEM' THEN last_sent_at ELSE message_created_at END
            WHERE conversation_id = wanted_id AND user_id = draft.sender_id;

            outcome := 'appended';
            RETURN NEXT;
        END LOOP;

        IF appended THEN
            UPDATE conversations SET
                last_seq = conversation.last_seq,
                version = conversation.version,
                last_message_id = conversation.last_message_id,
                last_message_at = conversation.last_message_at
            WHERE id = wanted_id;
        END IF;
    END LOOP;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0002_foreign_keys"),
    ]

    operations = [
        CreateFunction("append_messages", "jsonb, boolean", APPEND),
    ]
