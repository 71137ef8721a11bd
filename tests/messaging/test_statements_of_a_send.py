"""What a send costs the database, read from the wire."""

from messaging.timeline import APPEND
from tests.clients import opened


async def statements_of_a_send(database, one, two, conversation):
    """Return what the server has executed from the command to the other's event and all that may follow it."""
    del database.statements[:]
    reply = await one.command("message.send", conversation_id=conversation.pk, content="hi")
    assert reply["ok"]
    assert (await two.event("message.created"))["data"] == reply["data"]
    for socket in (one, two):
        await socket.command("ping")
    return list(database.statements)


async def test_a_warm_send_is_one_statement_and_none_follows_its_commit(watched_chat, owner, member, group):
    chat, database = watched_chat.chat, watched_chat.database
    async with opened(chat, owner) as one, opened(chat, member) as two:
        await statements_of_a_send(database, one, two, group)
        seen = [await statements_of_a_send(database, one, two, group) for _ in range(20)]
    # Of all that was sent, the process asks once a second at most where somebody gets Web Push.
    waited_for = [[each for each in statements if "push_subscriptions" not in each] for statements in seen]
    # Twice a minute it asks whether the sessions of its sockets have ended, and then who of their people is known to be
    # online: once here at most, and perhaps in two sends.
    assert waited_for.count([APPEND]) >= 18
    assert sum(statements.count(APPEND) for statements in seen) == 20
