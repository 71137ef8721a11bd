import pytest

from chat_project.core.sealing import UnsealableError, seal, unseal


def test_what_is_sealed_is_unsealed_and_does_not_show():
    sealed = seal(b"a secret", purpose="test")
    assert b"secret" not in sealed
    assert unseal(sealed, purpose="test") == b"a secret"


def test_each_purpose_has_a_key_of_its_own():
    with pytest.raises(UnsealableError):
        unseal(seal(b"a secret", purpose="test"), purpose="another")


@pytest.mark.parametrize("text", [b"", b"x", "é".encode(), b"\x80" * 100])
def test_what_was_never_sealed_is_refused(text):
    with pytest.raises(UnsealableError):
        unseal(text, purpose="test")


def test_former_keys_unseal_while_they_are_fallbacks(settings):
    sealed = seal(b"a secret", purpose="test")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert unseal(sealed, purpose="test") == b"a secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(UnsealableError):
        unseal(sealed, purpose="test")
