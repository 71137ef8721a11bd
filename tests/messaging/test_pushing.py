"""Web Push of messages: who is told, what their devices show, and what becomes of each answer of a push service."""

import base64
import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import PushSubscription, User, UserSession
from accounts.presence import mark_online
from accounts.services.push import note_answers
from accounts.services.sessions import end_session
from chat_project.core.push.sending import public_key
from chat_project.core.signing import decode_bytes
from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation, leave_conversation, open_dm
from conversations.services.pairs import block_person
from messaging import tasks
from messaging.services import delete_message, mark_read
from messaging.services.notifying import Notifier
from messaging.services.pushing import ATTEMPTS, push_message
from tests.clients import opened
from tests.factories import UserFactory
from tests.messaging.drafting import send
from tests.push_service import SubscribedBrowser, asked_pushes, next_asked_push, push_service, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(settings):
    with push_service() as service:
        settings.PUSH_HOSTS = [service.origin]
        asked_pushes()
        yield service
        asked_pushes()


def pushed(message, **options):
    push_message(conversation_id=message["conversation_id"], message_id=message["id"], **options)


def say(sender, conversation, content="hi", **fields):
    message, _ = send(sender, conversation, content, **fields)
    pushed(message)
    return message


def dm_of(one, other):
    conversation_id, _ = open_dm(creator=one, user_id=other.pk)
    return Conversation.objects.get(pk=conversation_id)


def change(conversation, user, **values):
    ConversationMember.objects.filter(conversation=conversation, user=user).update(**values)


def test_a_device_reads_what_was_sent_and_the_token_is_ours(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    message = say(owner, group, "Up **there** at ||nine||")
    [notice] = device.notices()
    assert notice == {
        "conversation": group.pk,
        "title": "Hikers",
        "body": notice["body"],
        "sent_at": message["created_at"],
    }
    assert notice["body"].startswith("Olga: Up there at ")
    assert "nine" not in notice["body"]
    [request] = device.requests
    assert request.headers["content-encoding"] == "aes128gcm"
    assert request.headers["ttl"] == "86400"
    assert len(request.headers["topic"]) == 32
    assert group.pk not in request.headers["topic"]
    assert claims_of(request)["aud"] == service.origin


def claims_of(request):
    """Verify the header by RFC 8292; return what it claims."""
    scheme, _, fields = request.headers["authorization"].partition(" ")
    parts = dict(field.split("=", 1) for field in fields.split(","))
    assert (scheme, parts["k"]) == ("vapid", public_key())
    signed, _, signature = parts["t"].rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    encoded = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode_bytes(parts["k"]))
    key.verify(encoded, signed.encode(), ec.ECDSA(SHA256()))
    claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
    assert 0 < claims["exp"] - timezone.now().timestamp() <= 86_400
    assert claims["sub"].startswith("mailto:")
    return claims


def test_pushes_of_one_conversation_share_a_topic_and_others_do_not(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    say(owner, group)
    say(owner, group)
    say(owner, dm_of(owner, member))
    first, second, third = (request.headers["topic"] for request in device.requests)
    assert first == second != third


def test_the_lengths_of_texts_do_not_show(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    say(owner, group, "a")
    say(owner, group, "a" * 100)
    assert len({len(request.body) for request in device.requests}) == 1


WHO_HEARS = {
    "a member": (True, {}),
    "who muted for a time": (False, {"muted_until": timedelta(hours=1)}),
    "whose muting is over": (True, {"muted_until": timedelta(hours=-1)}),
    "who reads along": (False, {"last_read_seq": 10**6}),
    "for whom history begins later": (False, {"visible_from_seq": 10**6}),
}


@pytest.mark.parametrize(("hears", "values"), WHO_HEARS.values(), ids=WHO_HEARS)
def test_who_hears_of_a_message(service, owner, member, group, hears, values):
    device = SubscribedBrowser(member, service)
    times = {name: timezone.now() + value for name, value in values.items() if isinstance(value, timedelta)}
    change(group, member, **{**values, **times})
    say(owner, group)
    assert bool(device.requests) is hears


def test_nobody_hears_of_their_own_message(service, owner, group):
    device = SubscribedBrowser(owner, service)
    say(owner, group)
    assert device.requests == []


def test_who_left_hears_nothing(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    leave_conversation(member=member, conversation_id=group.pk)
    say(owner, group)
    assert device.requests == []


@pytest.mark.parametrize("content", ["for @milan", "an answer"])
def test_who_muted_a_group_hears_of_what_names_or_answers_them(service, owner, member, group, content):
    device = SubscribedBrowser(member, service)
    mine, _ = send(member, group, "mine")
    change(group, member, muted_until=timezone.now() + timedelta(hours=1))
    say(owner, group, "not to you")
    assert device.requests == []
    say(owner, group, content, reply_to_id=mine["id"] if content == "an answer" else None)
    assert len(device.requests) == 1


def test_who_muted_a_dm_hears_of_nothing(service, owner, member):
    dm = dm_of(owner, member)
    device = SubscribedBrowser(member, service)
    change(dm, member, muted_until=timezone.now() + timedelta(hours=1))
    say(owner, dm, "@milan!")
    assert device.requests == []


@pytest.mark.parametrize("is_blocker", [True, False])
def test_a_block_silences_both_ways_in_a_group(service, owner, member, group, is_blocker):
    device = SubscribedBrowser(member, service)
    blocker, blocked = (member, owner) if is_blocker else (owner, member)
    block_person(blocker=blocker, user_id=blocked.pk)
    say(owner, group)
    assert device.requests == []


def test_without_the_preview_neither_name_nor_text_is_shown(service, owner, member, group):
    device = SubscribedBrowser(member, service, shows_text=False)
    say(owner, group, "the code is 1234")
    [notice] = device.notices()
    assert (notice["title"], notice["body"]) == ("Chat", "New message")


def test_what_is_encrypted_or_expires_is_never_shown(service, owner, member, group):
    dm = dm_of(owner, member)
    device = SubscribedBrowser(member, service)
    say(owner, dm, "c2VjcmV0", encryption={"algorithm": "x"})
    Conversation.objects.filter(pk=group.pk).update(settings={"message_ttl_seconds": 60})
    say(owner, group, "gone in a minute")
    secret, fleeting = device.notices()
    assert (secret["title"], secret["body"]) == ("Olga", "New message")
    assert (fleeting["title"], fleeting["body"]) == ("Hikers", "Olga: New message")


def test_a_channel_does_not_say_who_posts(service, owner, member):
    conversation_id, _ = create_conversation(creator=owner, type="CHANNEL", title="News", member_ids=[member.pk])
    device = SubscribedBrowser(member, service)
    say(owner, Conversation.objects.get(pk=conversation_id), "Snow")
    [notice] = device.notices()
    assert (notice["title"], notice["body"]) == ("News", "Snow")


def test_what_was_deleted_or_read_meanwhile_is_not_pushed(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    gone, _ = send(owner, group, "gone")
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=gone["id"])
    pushed(gone)
    seen, _ = send(owner, group, "seen")
    mark_read(reader_id=member.pk, conversation_id=group.pk, message_id=seen["id"])
    pushed(seen)
    assert device.requests == []


def test_who_is_here_is_told_later_and_only_of_what_is_still_unread(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    mark_online([member.pk])
    message = say(owner, group)
    assert device.requests == []
    [(arguments, is_later)] = asked_pushes()
    assert is_later
    assert arguments == [group.pk, message["id"], [device.identity.session_id], 0]
    pushed(message, session_ids=arguments[2])
    assert len(device.requests) == 1
    mark_read(reader_id=member.pk, conversation_id=group.pk, message_id=message["id"])
    pushed(message, session_ids=arguments[2])
    assert len(device.requests) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_forgotten(service, owner, member, group, status):
    device, other = SubscribedBrowser(member, service), SubscribedBrowser(member, service)
    service.answers[device.path] = (status, {})
    say(owner, group)
    assert len(other.requests) == 1
    assert [row.session_id for row in PushSubscription.objects.all()] == [other.identity.session_id]


def test_a_subscription_that_was_renewed_meanwhile_stays(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    PushSubscription.objects.update(endpoint=f"{service.origin}/renewed")
    note_answers(arrived=[], failed=[], gone=[f"{service.origin}{device.path}"])
    assert [row.session_id for row in PushSubscription.objects.all()] == [device.identity.session_id]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_push_service_is_asked_again_later(service, owner, member, group, status):
    device, other = SubscribedBrowser(member, service), SubscribedBrowser(member, service)
    service.answers[device.path] = (status, {"Retry-After": "120"})
    message = say(owner, group)
    [(arguments, is_later)] = asked_pushes()
    assert is_later
    assert arguments == [group.pk, message["id"], [device.identity.session_id], 1]
    service.answers.clear()
    pushed(message, session_ids=arguments[2], attempt=1)
    assert (len(device.requests), len(other.requests)) == (2, 1)
    assert asked_pushes() == []


def test_what_is_refused_to_the_last_is_noted_and_forgiven_when_something_arrives(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    service.answers[device.path] = (503, {})
    message, _ = send(owner, group)
    pushed(message, session_ids=[device.identity.session_id], attempt=ATTEMPTS - 1)
    assert asked_pushes() == []
    assert PushSubscription.objects.get().failing_since is not None
    service.answers.clear()
    pushed(message)
    assert PushSubscription.objects.get().failing_since is None


def test_a_redirect_is_not_followed(service, owner, member, group):
    device = SubscribedBrowser(member, service)
    service.answers[device.path] = (307, {"Location": f"{service.origin}/elsewhere"})
    say(owner, group)
    assert [request.path for request in service.received] == [device.path]
    assert PushSubscription.objects.get().failing_since is not None


def test_what_push_hosts_no_longer_names_is_not_called(service, owner, member, group, settings):
    SubscribedBrowser(member, service)
    settings.PUSH_HOSTS = ["push.example.org"]
    say(owner, group)
    assert service.received == []


@pytest.mark.parametrize("ends", ["ended", "expired", "suspended"])
def test_a_device_that_is_signed_in_no_longer_hears_nothing(service, owner, member, group, ends):
    device = SubscribedBrowser(member, service)
    if ends == "ended":
        end_session(user=member, session_id=device.identity.session_id)
    elif ends == "expired":
        UserSession.objects.filter(user=member).update(expires_at=timezone.now())
    else:
        User.objects.filter(pk=member.pk).update(is_suspended=True)
    say(owner, group)
    assert service.received == []


def test_finding_who_hears_takes_as_many_queries_for_many_as_for_one(
    service, owner, group, member, django_assert_num_queries
):
    first, _ = send(owner, group)
    SubscribedBrowser(member, service)
    with django_assert_num_queries(4):
        pushed(first)
    for number in range(4):
        person = UserFactory(username=f"walker{number}")
        ConversationMember.objects.create(conversation=group, user=person)
        SubscribedBrowser(person, service)
    with django_assert_num_queries(4):
        pushed(first)
    assert len(service.received) == 6


def gone(*_):
    raise OperationalError


def test_the_notifier_asks_where_somebody_listens_and_for_the_last_of_many(service, owner, member, group, outsider):
    other, _ = create_conversation(creator=owner, type="GROUP", title="Others", member_ids=[outsider.pk])
    SubscribedBrowser(member, service)
    notifier = Notifier()
    silent, _ = send(owner, Conversation.objects.get(pk=other))
    messages = [send(owner, group, content)[0] for content in ("one", "two", "@milan", "four", "five")]
    for message in (silent, *messages):
        notifier.note(message)
    with connection.execute_wrapper(gone), pytest.raises(OperationalError):
        notifier.pass_on()
    notifier.pass_on()
    assert [(arguments[:2], is_later) for arguments, is_later in asked_pushes()] == [
        ([group.pk, messages[2]["id"]], False),
        ([group.pk, messages[4]["id"]], False),
    ]
    notifier.pass_on()
    assert asked_pushes() == []


async def test_a_send_over_the_socket_comes_to_the_device_by_way_of_the_broker(
    live_chat, service, owner, member, group
):
    device = await subscribed(member, service)
    async with opened(live_chat, owner) as socket:
        reply = await socket.command("message.send", conversation_id=group.pk, content="hi")
        arguments = await sync_to_async(next_asked_push, thread_sensitive=False)()
    assert arguments == [group.pk, reply["data"]["id"], None, 0]
    await sync_to_async(tasks.push_message)(*arguments)
    assert [notice["body"] for notice in device.notices()] == ["Olga: hi"]
