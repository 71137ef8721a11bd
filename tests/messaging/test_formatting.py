"""The markup of messages: what is marked, where, and what of it becomes HTML."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.formatting import ENTITIES_MAX, MENTIONS_MAX, entities_of, marks_in, without_markup
from messaging.formatting_html import formatted
from messaging.search_query import SearchQuery

# Texts of what is likely to be mistaken for markup.
PIECES = (
    *(
        "**",
        "_",
        "~~",
        "||",
        "`",
        "```",
        "[",
        "](",
        ")",
        "@",
        "@all",
        "@milan",
        "\n",
        " ",
        "a",
        "Ж",
        "漢",
        "😀",
        "\u202e",
    ),
    *("https://a.b/c", "mailto:", "javascript:alert(1)", "<b onclick=x>", "&amp;", '"', "'", "[x](http://y.z)", "py\n"),
)
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))

TAGS = {"strong", "em", "s", "code", "pre", "span", "a"}
ATTRIBUTES = {"tabindex", "href", "target", "rel", "class", "data-person", "data-language"}


def entities(text):
    return entities_of(text, marks_in(text))


def cut(text, entity):
    """Return what an entity covers, by UTF-16 code units."""
    units = text.encode("utf-16-le")
    return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")


def outer(entity):
    start = entity["offset"] - entity.get("before", 0)
    return start, entity["offset"] + entity["length"] + entity.get("after", 0)


def html(text):
    bound = [{**entity, "user_id": "c1"} if entity["type"] == "mention" else entity for entity in entities(text)]
    return formatted(text, bound)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold**", [("bold", "bold")]),
        ("_italic_", [("italic", "italic")]),
        ("~~gone~~", [("strike", "gone")]),
        ("||who did it||", [("spoiler", "who did it")]),
        ("`x = 1`", [("code", "x = 1")]),
        ("```\nx = 1\n```", [("pre", "x = 1")]),
        ("```py\nx = **1**\n```", [("pre", "x = **1**")]),
        ("[here](https://example.org/a?b=c)", [("text_link", "here")]),
        ("[mail](mailto:a@example.org)", [("text_link", "mail")]),
        ("see https://example.org/a_b_c.", [("url", "https://example.org/a_b_c")]),
        ("(https://example.org/a_(b))", [("url", "https://example.org/a_(b)")]),
        ("hi @milan!", [("mention", "@milan")]),
        ("@all wake up", [("mention_all", "@all")]),
        ("**a _b_ ~~c~~**", [("bold", "a _b_ ~~c~~"), ("italic", "b"), ("strike", "c")]),
        ("_@milan_", [("italic", "@milan"), ("mention", "@milan")]),
        ("**https://example.org**", [("bold", "https://example.org"), ("url", "https://example.org")]),
        ("😀 **😀b** c", [("bold", "😀b")]),
    ],
)
def test_markup_is_found(text, expected):
    assert [(entity["type"], cut(text, entity)) for entity in entities(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "2 * 3 ** 4",
        "snake_case_name and __init__",
        "** not bold **",
        "**unclosed",
        "a || b",
        "``",
        "`a\nb`",
        "``` ```",
        "[x](javascript:alert(1))",
        "[x](data:text/html,a)",
        "me@example.org",
        "@al",
        "@milan_and_much_more_than_any_name_has",
        "javascript:alert(1)",
        "http://",
    ],
)
def test_what_only_looks_like_markup_is_text(text):
    assert entities(text) == []
    assert without_markup(text) == text


def test_what_crosses_what_was_opened_before_it_is_text():
    assert html("**a _b** c_") == "<strong>a _b</strong> c_"


def test_a_text_is_shown_without_its_markup():
    text = "**a** [b](https://example.org) `c` @milan\n```py\nd\n```"
    assert html(text) == (
        '<strong>a</strong> <a href="https://example.org" target="_blank" rel="noopener noreferrer nofollow">b</a> '
        '<code>c</code> <a class="mention" href="/people/c1">@milan</a>\n'
        '<pre data-language="py"><code>d</code></pre>'
    )
    assert without_markup(text) == "a b c @milan\nd"


def test_a_block_takes_the_line_break_behind_it():
    assert html("```a```\nb") == "<pre><code>a</code></pre>b"
    assert without_markup("```a```\nb") == "a\nb"


def test_a_preview_does_not_tell_what_a_spoiler_hides():
    assert without_markup("it was **||the _butler_||**") == "it was …"


def test_html_in_a_text_is_text():
    assert html('**<img src=x onerror="alert(1)">**') == (
        "<strong>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</strong>"
    )


@pytest.mark.parametrize(
    "entity",
    [
        {"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"},
        {"type": "url", "offset": 0, "length": 4},
        {"type": "script", "offset": 0, "length": 4},
        {"type": "bold", "offset": 2, "length": 9},
        {"type": "bold", "offset": 0, "length": 2, "before": 1},
        {"type": "bold", "offset": 3, "length": 0},
        {"type": "mention", "offset": 0, "length": 4},
    ],
)
def test_an_entity_that_can_not_be_is_shown_as_text(entity):
    assert formatted("a<b>", [entity]) == "a&lt;b&gt;"


def test_so_much_is_marked_and_no_more():
    assert len(entities("**a** " * 500)) == ENTITIES_MAX
    assert len(entities("@milan " * 500)) == MENTIONS_MAX


@given(texts)
def test_entities_lie_within_the_text_and_never_cross(text):
    spans = [outer(entity) for entity in entities(text)]
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert all(0 <= start < end <= units for start, end in spans)
    for place, (start, end) in enumerate(spans):
        for later_start, later_end in spans[place + 1 :]:
            assert later_start >= end or (start <= later_start and later_end <= end)


@given(texts)
def test_html_holds_nothing_but_known_elements_and_addresses(text):
    seen: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag, attributes):
            seen.append(tag)
            assert tag in TAGS
            for name, value in attributes:
                assert name in ATTRIBUTES
                assert name != "href" or re.match(r"https?://|mailto:|/people/c1$", value, re.IGNORECASE)

        def handle_endtag(self, tag):
            assert seen.pop() == tag

        def handle_comment(self, data):
            raise AssertionError(data)

    checker = Checker()
    checker.feed(html(text))
    checker.close()
    assert seen == []


@given(st.text(max_size=300))
def test_every_character_of_a_text_without_markup_is_shown(text):
    if not entities(text):
        shown: list[str] = []
        parser = HTMLParser(convert_charrefs=True)
        parser.handle_data = shown.append  # type: ignore[method-assign]
        parser.feed(formatted(text))
        parser.close()
        assert "".join(shown) == text
        assert without_markup(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "[a",
        "`",
        "`\n",
        "```a",
        "**a ",
        "@abc ",
        ")",
        "_a",
        "a_ ",
        "[x](http://a",
        "||**~~_",
        "😀*",
        "http://x",
        "[[",
        "a.b@",
    ],
)
def test_time_grows_with_the_length_and_no_faster(piece):
    """At 16 times the longest text, a quadratic scan would take minutes."""
    text = "http://" + piece * (4096 * 16 // len(piece))
    start = time.process_time()
    without_markup(text)
    html(text)
    assert time.process_time() - start < 10


def test_a_word_is_found_within_its_markup():
    text = "_hello_ ||big|| ~~old~~ snake_case"
    for word, places in (("hello", [(1, 6)]), ("big", [(10, 13)]), ("snake_case", [(24, 29), (30, 34)])):
        assert SearchQuery.parsed(word).places(text) == places
