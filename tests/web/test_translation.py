"""Every text can be translated, and every page can be read from right to left."""

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

TEMPLATES = settings.BASE_DIR / "templates"
# For developers, and what Django's and another package's own pages are made of.
IN_ENGLISH_ALONE = ("admin/", "drf_spectacular/", "chat/styleguide.html")
SPOKEN = {"alt", "aria-label", "content", "placeholder", "title"}
# What `content` says to programs.
FOR_PROGRAMS = ("width=", "light dark", "{", "#", "/", "@")
PHYSICAL = re.compile(
    r"\b(?:margin|padding|border)-(?:left|right)\b|text-align: (?:left|right)|float: (?:left|right)"
    r"|(?<![-\w])(?:left|right): (?!50%)|border-(?:top|bottom)-(?:left|right)-radius"
)


def templates():
    names = (str(path.relative_to(TEMPLATES)) for path in sorted(TEMPLATES.rglob("*.html")))
    return [name for name in names if not name.startswith(IN_ENGLISH_ALONE)]


def markup(source):
    """Return what a template says by itself: without its tags, and without what stands in translated blocks."""
    inside, parts = "", []
    for token in Lexer(source).tokenize():
        word = token.contents.split(" ")[0] if token.token_type == TokenType.BLOCK else ""
        if word in ("blocktranslate", "comment"):
            inside = word
        elif token.contents == "block body_class":
            inside = "block"
        elif word == f"end{inside}":
            inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            parts.append(token.contents)
    return "".join(parts)


class Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.skipped = ""

    def handle_starttag(self, tag, attributes):
        self.skipped = tag if tag in ("script", "style") else ""
        self.found += [value or "" for name, value in attributes if name in SPOKEN]

    def handle_data(self, data):
        if not self.skipped:
            self.found.append(data)


@pytest.mark.parametrize("name", templates())
def test_a_template_says_nothing_that_cannot_be_translated(name):
    words = Words()
    words.feed(markup((TEMPLATES / name).read_text()))
    said = [each.strip() for each in words.found if not each.startswith(FOR_PROGRAMS)]
    assert [each for each in said if re.search(r"[^\W\d_]{2}", each)] == []


@pytest.mark.parametrize("name", ["base", "chat", "components", "forms", "people", "security", "settings", "timeline"])
def test_styles_name_no_side_that_reading_from_right_to_left_would_turn(name):
    style = (settings.BASE_DIR / "static" / "css" / f"{name}.css").read_text()
    assert PHYSICAL.findall(style) == []
