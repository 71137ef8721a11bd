"""Subscriptions to Web Push: what is taken, whose they are, and when they end."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from accounts.models import PushSubscription, UserSession
from accounts.services import push
from accounts.services.push import cleanup_subscriptions, subscribe
from accounts.services.sessions import end_session, revoke_sessions
from chat_project.core.errors import InvalidError, TooManyRequestsError
from chat_project.core.exports import sections
from chat_project.core.push.encryption import PAYLOAD_MAX_BYTES, encrypted, point
from chat_project.core.push.endpoints import EndpointRefusedError, address_of, read_endpoint
from chat_project.core.push.sending import Outcome, Push, send_push
from chat_project.core.signing import decode_bytes, encode_bytes
from chat_project.embedded.secrets import vapid_private_key
from conversations.services.leaving import close_account
from tests.factories import PASSWORD
from tests.push_service import PushService, SubscribedBrowser

HERE = PushService("http://push.test")


@pytest.fixture(autouse=True)
def _own_service(settings):
    settings.PUSH_HOSTS = [HERE.origin, "push.example.org", "*.push.example.com"]


TAKEN = ["https://push.example.org/a?b=c", "https://x.push.example.com/", "https://push.example.org:443/a"]
REFUSED = {
    "another host": "https://push.example.net/a",
    "the end of a name": "https://evilpush.example.org/a",
    "the domain of a wildcard": "https://push.example.com/a",
    "a name that goes on": "https://push.example.org.evil.net/a",
    "plain http": "http://push.example.org/a",
    "another port": "https://push.example.org:8443/a",
    "no number as a port": "https://push.example.org:x/a",
    "another scheme": "ftp://push.example.org/a",
    "somebody's name": "https://push.example.org@evil.net/a",
    "a name before the host": "https://me@push.example.org/a",
    "a backslash": "https://evil.net\\@push.example.org/a",
    "a fragment": "https://push.example.org/a#b",
    "a new line": "https://push.example.org/a\r\nHost: evil.net",
    "a space": "https://push.example.org/a b",
    "letters beyond ASCII": "https://push.example.org/ä",
    "an address of the net": "https://127.0.0.1/a",
    "the metadata of a cloud": "http://169.254.169.254/latest",
    "no host": "https:///a",
    "nothing": "",
}


@pytest.mark.parametrize("url", TAKEN)
def test_an_endpoint_of_a_push_service_is_taken(url):
    assert read_endpoint(url).authority in ("push.example.org", "x.push.example.com")


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_any_other_endpoint_is_refused(url):
    with pytest.raises(EndpointRefusedError):
        read_endpoint(url)


PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fd00::1",
    "fe80::1",
]


@pytest.mark.parametrize("address", [*PRIVATE, "::ffff:10.0.0.1", "2002:0a00:0001::"])
def test_a_host_at_an_address_that_is_not_public_is_not_called(settings, address):
    host = f"[{address}]" if ":" in address else address
    settings.PUSH_HOSTS = [address]
    with pytest.raises(EndpointRefusedError):
        address_of(read_endpoint(f"https://{host}/a"))
    device = ec.generate_private_key(ec.SECP256R1()).public_key()
    answer = send_push(
        Push(payload=b"x", topic="t"), endpoint=f"https://{host}/a", p256dh=point(device), auth=b"a" * 16
    )
    assert answer.outcome is Outcome.REFUSED


def test_a_public_address_is_called_as_it_was_judged(settings):
    settings.PUSH_HOSTS = ["9.9.9.9"]
    assert address_of(read_endpoint("https://9.9.9.9/a")) == "9.9.9.9"


def test_the_example_of_rfc_8291_is_encrypted_as_it_stands_there():
    private = int.from_bytes(decode_bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        p256dh=decode_bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        auth=decode_bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        sender=ec.derive_private_key(private, ec.SECP256R1()),
        salt=decode_bytes("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert encode_bytes(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_longest_payload_fills_a_record_and_a_longer_one_is_refused():
    key = point(ec.generate_private_key(ec.SECP256R1()).public_key())
    for padded_to in (1, 512):
        assert len(encrypted(b"x" * PAYLOAD_MAX_BYTES, p256dh=key, auth=b"a" * 16, padded_to=padded_to)) == 4096
    with pytest.raises(ValueError, match="too long"):
        encrypted(b"x" * (PAYLOAD_MAX_BYTES + 1), p256dh=key, auth=b"a" * 16)


def test_the_key_of_a_copy_is_made_once_and_kept_from_others(tmp_path):
    key = vapid_private_key(tmp_path / "data")
    assert len(decode_bytes(key)) == 32
    assert vapid_private_key(tmp_path / "data") == key
    assert (tmp_path / "data" / "vapid_key").stat().st_mode & 0o777 == 0o600


def test_machines_that_are_given_one_secret_have_one_key_and_need_no_directory(tmp_path):
    keys = {vapid_private_key(tmp_path / name, shared_secret="between us") for name in ("one", "other")}
    keys.add(vapid_private_key(tmp_path / "third", shared_secret="another"))
    assert len(keys) == 2
    assert list(tmp_path.iterdir()) == []
    assert all(len(decode_bytes(key)) == 32 for key in keys)


GOOD = {
    "endpoint": f"{HERE.origin}/a",
    "p256dh": encode_bytes(point(ec.derive_private_key(7, ec.SECP256R1()).public_key())),
}
FAULTS = {
    "endpoint": ["https://push.example.net/a", f"{HERE.origin}/{'a' * 1024}"],
    "p256dh": ["", "!", encode_bytes(b"\x04" + bytes(64)), encode_bytes(b"x" * 65), encode_bytes(b"x")],
    "auth": ["", "é", encode_bytes(b"x" * 15), encode_bytes(b"x" * 17)],
}


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "value"), [(name, value) for name, values in FAULTS.items() for value in values])
def test_a_subscription_with_a_fault_is_refused_by_its_field(member, field, value):
    identity = SubscribedBrowser(member, HERE).identity
    given = {**GOOD, "auth": encode_bytes(b"a" * 16), field: value}
    with pytest.raises(InvalidError) as refused:
        subscribe(identity=identity, shows_text=True, **given)
    assert list(refused.value.errors) == [field]


@pytest.mark.django_db
def test_a_session_has_one_subscription_and_an_endpoint_one_session(owner, member):
    first = SubscribedBrowser(owner, HERE, path="/one")
    subscribe(identity=first.identity, **GOOD, auth=encode_bytes(b"a" * 16), shows_text=False)
    assert [(row.endpoint, row.shows_text) for row in PushSubscription.objects.all()] == [(GOOD["endpoint"], False)]
    second = SubscribedBrowser(member, HERE, path="/a")
    assert [row.session_id for row in PushSubscription.objects.all()] == [second.identity.session_id]


@pytest.mark.django_db
def test_somebody_who_subscribes_again_and_again_is_told_to_wait(member, settings):
    settings.RATE_LIMITS = True
    identity = SubscribedBrowser(member, HERE).identity
    with pytest.raises(TooManyRequestsError):
        for _ in range(push.SUBSCRIPTIONS_PER_HOUR):
            subscribe(identity=identity, **GOOD, auth=encode_bytes(b"a" * 16), shows_text=True)


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["ended", "revoked", "closed"])
def test_a_subscription_ends_with_its_session(owner, member, how):
    stays, goes = SubscribedBrowser(owner, HERE), SubscribedBrowser(member, HERE)
    if how == "ended":
        end_session(user=member, session_id=goes.identity.session_id)
    elif how == "revoked":
        revoke_sessions(UserSession.objects.filter(user=member), reason="test")
    else:
        close_account(user=member, password=PASSWORD)
    assert [row.session_id for row in PushSubscription.objects.all()] == [stays.identity.session_id]


@pytest.mark.django_db
def test_what_is_dead_for_a_week_or_of_an_expired_session_is_cleaned_up(owner, member):
    lives, dead, expired = (SubscribedBrowser(user, HERE) for user in (owner, member, member))
    now = timezone.now()
    rows = PushSubscription.objects
    rows.filter(session_id=dead.identity.session_id).update(failing_since=now - timedelta(days=8))
    rows.filter(session_id=lives.identity.session_id).update(failing_since=now - timedelta(days=6))
    UserSession.objects.filter(pk=expired.identity.session_id).update(expires_at=now - timedelta(minutes=1))
    assert cleanup_subscriptions() == 2
    assert [row.session_id for row in rows.all()] == [lives.identity.session_id]


@pytest.mark.django_db
def test_an_export_holds_ones_subscriptions_without_their_keys(owner, member):
    SubscribedBrowser(owner, HERE)
    mine = SubscribedBrowser(member, HERE)
    [section] = [section for section in sections() if section.name == "push_subscriptions"]
    [row] = section.rows(member.pk)
    assert row["endpoint"] == f"{HERE.origin}{mine.path}"
    assert row.keys() == {"session_id", "endpoint", "shows_text", "created_at"}
