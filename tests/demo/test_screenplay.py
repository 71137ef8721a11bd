from datetime import UTC, date, datetime

import pytest

from accounts.models import User
from chat_project.core.db.cuid import cuid_at
from chat_project.demo.playback import Story, play
from chat_project.demo.reading import let_read
from chat_project.demo.screenplay import ScreenplayError, read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = {name: User(id=cuid_at(NOW), username=name) for name in ("ann", "ben", "cleo")}


def performed(script: str) -> Story:
    screenplay = read("test", script, NOW.date())
    story = play(screenplay, people=PEOPLE, now=NOW)
    let_read(story, screenplay, now=NOW)
    return story


def test_a_day_is_named_as_it_is_called_relative_to_today() -> None:
    screenplay = read("test", "DM ann, ben\n== 2 days ago 10:00\nann: {-1}, {+0} or {+1}?", date(2026, 3, 1))
    [line] = screenplay.scenes[0].entries
    assert line.text == "Saturday, Sunday or Monday?"  # type: ignore[union-attr]


def test_notes_belong_to_the_message_before_them() -> None:
    story = performed(
        "DM ann, ben\n== 2 days ago 10:00\n"
        "ann [plan]: Last\n  | word\n  was: First\n  was: Second\n  + 👍 ben\nben > plan: Yes"
    )
    plan, answer = story.messages
    assert plan.content == "Last\nword"
    assert [edit.content for edit in story.edits] == ["First", "Second"]
    assert [(reaction.emoji, reaction.user.username) for reaction in story.reactions] == [("👍", "ben")]
    assert answer.reply_to_id == plan.id
    assert story.conversation.version == 5


@pytest.mark.parametrize(
    "script",
    [
        "DM ann, ben\nunraed: ann 1\n== 2 days ago 10:00\nann: Hi",
        "DM ann, ben\n== some days ago\nann: Hi",
        "DM ann, ben\n== 2 days ago 10:00\nann Hi",
        "DM ann, ben\n== 2 days ago 10:00\n  + 👍 ben",
        "DM ann, ben\n== 2 days ago 10:00\nann: Hi\n  liked by ben",
    ],
)
def test_a_line_that_fits_nothing_is_named(script: str) -> None:
    with pytest.raises(ScreenplayError, match=r"test\.txt, line \d"):
        read("test", script, NOW.date())


def test_somebody_who_is_not_there_can_not_speak() -> None:
    with pytest.raises(ScreenplayError, match="cleo is no member"):
        performed("DM ann, ben\n== 2 days ago 10:00\ncleo: Hi")


def test_somebody_who_left_can_not_speak() -> None:
    with pytest.raises(ScreenplayError, match="ben is no member"):
        performed(
            "GROUP Two\nowner: ann\nmembers: ben\n== 2 days ago 10:00\n"
            "* ann creates\n* ben leaves\nben: And another thing"
        )


def test_nobody_can_leave_unread_what_they_reacted_to() -> None:
    with pytest.raises(ScreenplayError, match="ben has left unread"):
        performed("DM ann, ben\nunread: ben 1\n== 2 days ago 10:00\nann: Hi\n  + 👍 ben")
