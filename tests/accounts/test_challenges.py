import pytest

from accounts import challenges, tokens
from accounts.challenges import ChallengeKind, new_challenge, read_challenge
from chat_project.core.db.cuid import new_cuid

SECOND_FACTOR = ChallengeKind.SECOND_FACTOR


def test_a_challenge_says_what_was_written():
    challenge, token = new_challenge(SECOND_FACTOR, user_id=new_cuid(), auth_version=3)
    assert read_challenge(token, SECOND_FACTOR) == challenge


def test_a_challenge_may_be_for_anybody():
    _, token = new_challenge(ChallengeKind.PASSKEY_SIGN_IN)
    assert read_challenge(token, ChallengeKind.PASSKEY_SIGN_IN).user_id == ""


def test_no_kind_passes_for_another():
    for kind in ChallengeKind:
        _, token = new_challenge(kind, user_id=new_cuid(), auth_version=1)
        for other in ChallengeKind:
            relabelled = f"{other}{token[2:]}"
            assert (read_challenge(relabelled, other) is not None) == (other is kind)
            assert (read_challenge(token, other) is not None) == (other is kind)


def test_every_part_is_under_the_mac():
    _, token = new_challenge(SECOND_FACTOR, user_id=new_cuid(), auth_version=1)
    kind, key_id, user_id, version, expires_at, nonce, mac = token.split(".")
    for forged in (
        (kind, key_id, new_cuid(), version, expires_at, nonce, mac),
        (kind, key_id, "-", version, expires_at, nonce, mac),
        (kind, key_id, user_id, "2", expires_at, nonce, mac),
        (kind, key_id, user_id, version, str(int(expires_at) + 60), nonce, mac),
        (kind, key_id, user_id, version, expires_at, "A" * 22, mac),
        (kind, "000000", user_id, version, expires_at, nonce, mac),
        (kind, key_id, user_id, version, expires_at, nonce, "A" * 43),
    ):
        assert read_challenge(".".join(forged), SECOND_FACTOR) is None


@pytest.mark.parametrize("text", ["", "x", "s1", "s1.é.é.1.1.é.é", "s1." + "." * 9, "\x00"])
def test_other_texts_are_none(text):
    assert read_challenge(text, SECOND_FACTOR) is None


def test_tokens_of_other_kinds_are_none():
    access = tokens.write_access(tokens.AccessClaims(new_cuid(), new_cuid(), 1, 2**33))
    refresh = tokens.write_refresh(session_id=new_cuid(), rotation=1, secret=b"x" * 32)
    assert read_challenge(access, SECOND_FACTOR) is read_challenge(refresh, SECOND_FACTOR) is None


def test_a_challenge_is_good_for_minutes(monkeypatch):
    monkeypatch.setattr(challenges, "LIFE_SECONDS", 0)
    assert read_challenge(new_challenge(SECOND_FACTOR)[1], SECOND_FACTOR) is None


def test_no_two_challenges_ask_the_same():
    assert new_challenge(SECOND_FACTOR)[0].question != new_challenge(SECOND_FACTOR)[0].question
