"""Which texts count as emoji."""

import pytest

from messaging.emoji import is_emoji
from messaging.models.annotations import EMOJI_MAX_LENGTH

EMOJI = (
    "👍",
    "❤️",
    "☺️",
    "👍🏽",
    "#️⃣",
    "🇩🇪",
    "🏻",
    "👨‍👩‍👧‍👦",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
)
OTHER = (
    "",
    "a",
    "1",
    "#",
    "❤",
    "👍👍",
    " 👍",
    "👍 ",
    "🇩",
    "👍\u200d",
    ":thumbsup:",
    "\ufe0f",
    "\u200d",
    "x" * EMOJI_MAX_LENGTH,
)


@pytest.mark.parametrize("text", EMOJI)
def test_what_unicode_recommends_is_an_emoji(text):
    assert is_emoji(text)
    assert len(text) <= EMOJI_MAX_LENGTH


@pytest.mark.parametrize("text", OTHER)
def test_nothing_else_is_an_emoji(text):
    assert not is_emoji(text)
