"""What templates draw with."""

import pytest

from chat_project.templatetags.interface import HUES, hue, initials, linked
from messaging.fragments import bubble
from messaging.web.pages import BLANK_MESSAGE

ANCHOR = '<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>'


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("see https://example.org/a?b=1", "https://example.org/a?b=1", "see {}"),
        ("(https://example.org/a_(b)).", "https://example.org/a_(b)", "({})."),
        ("http://example.org, or", "http://example.org", "{}, or"),
        ("“https://example.org/”", "https://example.org/", "“{}”"),
        ("HTTPS://EXAMPLE.ORG!", "HTTPS://EXAMPLE.ORG", "{}!"),
    ],
)
def test_addresses_become_links_without_the_punctuation_around_them(text, address, rest):
    assert linked(text) == rest.format(ANCHOR.format(address))


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "ftp://example.org", "https://", "www.example.org", "data:text/html,x"]
)
def test_nothing_else_becomes_a_link(text):
    assert linked(text) == text


def test_what_surrounds_and_follows_a_link_is_escaped():
    html = linked('<b>https://example.org/?a=1&b="onclick=x')
    assert html == (
        "&lt;b&gt;"
        '<a href="https://example.org/?a=1&amp;b=" target="_blank" rel="noopener noreferrer nofollow">'
        "https://example.org/?a=1&amp;b=</a>&quot;onclick=x"
    )


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Olga", "O"),
        ("olga ivanovna petrova", "OP"),
        ("Erin's birthday 🤫", "EB"),
        ("佐藤健二", "佐"),
        ("🤫", ""),
        ("", ""),
    ],
)
def test_initials_are_the_first_letters_of_the_first_and_the_last_word(name, letters):
    assert initials(name) == letters


def test_a_hue_is_kept_and_is_one_of_seven():
    assert {hue(str(number)) for number in range(100)} == set(range(HUES))
    assert hue("c1") == hue("c1")
    assert hue(None) in range(HUES)


def message(**changes):
    sender = {"id": "c1", "username": "olga", "display_name": "Olga", "avatar_url": None}
    return {**BLANK_MESSAGE, "id": "m1", "seq": 1, "version": 1, "sender": sender, "metadata": {}, **changes}


@pytest.mark.parametrize(
    ("system", "line"),
    [
        ({"event": "conversation.created", "title": "Hi<kers"}, "Olga created “Hi&lt;kers”"),
        ({"event": "member.joined", "actor_id": "c1", "user_ids": ["c1"]}, "Olga joined"),
        (
            {"event": "member.joined", "actor_id": "c1", "user_ids": ["c2", "c3"]},
            'Olga added <span data-people="c2 c3">2 people</span>',
        ),
        ({"event": "member.left", "user_ids": ["c1"]}, "Olga left"),
        (
            {"event": "member.removed", "user_ids": ["c2"]},
            'Olga removed <span data-people="c2">one person</span>',
        ),
        ({"event": "something.new"}, "Olga changed this conversation"),
    ],
)
def test_system_lines_say_what_happened(system, line):
    assert f'<p class="pill">{line}\n</p>' in bubble(message(type="SYSTEM", metadata={"system": system}))


def test_a_message_of_a_purged_account_has_a_name():
    assert "Deleted Account" in bubble(message(sender=None, content="still here"))


def test_a_quote_of_a_deleted_message_is_empty():
    quoted = {"id": "m0", "sender_id": "c1", "type": "TEXT", "content": "", "is_deleted": True}
    assert "Deleted message" in bubble(message(reply_to=quoted, content="yes"))
