"""The scripts of the demo's conversations, and how they are read.

A script is a text. Its head says what the conversation is; then come scenes:

    GROUP Title                            or CHANNEL Title, or DM alice, bob
    about: the description                 picture: a scene of pictures.py
    handle: a_public_name                  settings: history_for_new_members no
    owner: carol                           members: alice, bob (admins:, moderators: likewise)
    pins: alice                            who has it pinned (mutes: likewise)
    unread: bob 4                          how many of the last messages somebody has not read
    undelivered: dave 1                    how many have not reached somebody
    draft bob: What bob is about to

    == 9 days ago 18:32                    or == 40 minutes ago, for what is new whatever the hour
    * carol creates                        also adds WHOM, leaves, renames: NEW TITLE
    alice: A message. {-4} becomes the name of the day four days ago.
    bob [truss]: A message with a label.
    alice > truss: An answer to it.
      | a further line of the text
      was: the text before an edit
      + 👍 bob, carol
      pinned by carol
      deleted
    -- 12 min                              time passes

A line that fits nothing is an error that names the script and the line.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAY = re.compile(r"\{([+-]\d+)\}")
_HEADER = re.compile(
    r"(?P<key>about|handle|picture|settings|owner|admins|moderators|members|pins|mutes|unread|undelivered|draft \w+)"
    r": (?P<value>.+)"
)
_SCENE = re.compile(r"== (?:(?P<days>\d+) days? ago (?P<hour>\d\d):(?P<minute>\d\d)|(?P<minutes>\d+) minutes ago)")
_PAUSE = re.compile(r"-- (?P<minutes>\d+) min")
_ACT = re.compile(r"\* (?P<actor>\w+) (?P<verb>creates|adds|leaves|renames:)(?: (?P<rest>.+))?")
_LINE = re.compile(r"(?P<speaker>\w+)(?: \[(?P<label>\w+)\])?(?: > (?P<reply_to>\w+))?: (?P<text>.+)")


class ScreenplayError(Exception):
    """A script says something that can't be."""


@dataclass
class Line:
    """A message, and what people did to it. `earlier` holds the texts before each edit."""

    speaker: str
    text: str
    label: str | None
    reply_to: str | None
    earlier: list[str] = field(default_factory=list)
    reactions: list[tuple[str, str]] = field(default_factory=list)
    pinned_by: str | None = None
    is_deleted: bool = False


@dataclass
class Act:
    """Something done to the conversation: created, people added, left, renamed."""

    actor: str
    verb: str
    rest: str


@dataclass
class Pause:
    """Time in which nobody writes."""

    length: timedelta


@dataclass
class Scene:
    """Some lines in one go. It begins at an hour of an earlier day, or a while before now."""

    days: int
    clock: time
    minutes: int | None
    entries: list[Line | Act | Pause] = field(default_factory=list)

    def start(self, now: datetime) -> datetime:
        """Return when the scene begins."""
        if self.minutes is not None:
            return now - timedelta(minutes=self.minutes)
        return datetime.combine(now.date() - timedelta(days=self.days), self.clock, now.tzinfo)


@dataclass
class Screenplay:
    """One conversation, as its script has it."""

    name: str
    kind: str
    title: str
    head: dict[str, str]
    scenes: list[Scene]

    def people(self, key: str) -> list[str]:
        """Return the names that a header lists."""
        return _names(self.head.get(key, ""))

    def counts(self, key: str) -> dict[str, int]:
        """Return the number that a header gives each of some people."""
        pairs = (entry.split() for entry in _names(self.head.get(key, "")))
        return {name: int(count) for name, count in pairs}


def read_all(today: date) -> list[Screenplay]:
    """Return every script, in the order of their names. Raises ScreenplayError."""
    return [read(path.stem, path.read_text(encoding="utf-8"), today) for path in sorted(SCRIPTS.glob("*.txt"))]


def read(name: str, script: str, today: date) -> Screenplay:
    """Return a script's screenplay. Raises ScreenplayError."""
    script = _WEEKDAY.sub(lambda match: _WEEKDAYS[(today + timedelta(days=int(match[1]))).weekday()], script)
    lines = ((number, line) for number, line in enumerate(script.splitlines(), 1) if line.strip())
    _, first = next(lines)
    kind, _, title = first.partition(" ")
    screenplay = Screenplay(name, kind, title, {}, [])
    for number, line in lines:
        try:
            _read_line(screenplay, line)
        except (AttributeError, IndexError, ValueError):
            raise ScreenplayError(f"{name}.txt, line {number}: can't read {line!r}") from None
    return screenplay


def _read_line(screenplay: Screenplay, line: str) -> None:
    """Add one line to the screenplay. Raises ValueError, AttributeError or IndexError where it fits nothing."""
    if line.startswith("== "):
        screenplay.scenes.append(_scene(line))
    elif not screenplay.scenes:
        match = _whole(_HEADER, line)
        screenplay.head[match["key"]] = match["value"]
    elif line.startswith("  "):
        _read_note(_last_line(screenplay), line.strip())
    else:
        screenplay.scenes[-1].entries.append(_entry(line))


def _scene(line: str) -> Scene:
    match = _whole(_SCENE, line)
    if match["minutes"]:
        return Scene(0, time(), int(match["minutes"]))
    return Scene(int(match["days"]), time(int(match["hour"]), int(match["minute"])), None)


def _entry(line: str) -> Line | Act | Pause:
    if match := _PAUSE.fullmatch(line):
        return Pause(timedelta(minutes=int(match["minutes"])))
    if line.startswith("* "):
        match = _whole(_ACT, line)
        return Act(match["actor"], match["verb"].rstrip(":"), match["rest"] or "")
    match = _whole(_LINE, line)
    return Line(match["speaker"], match["text"], match["label"], match["reply_to"])


def _read_note(line: Line, note: str) -> None:
    if note.startswith("| ") and line.earlier:
        line.earlier[-1] += f"\n{note[2:]}"
    elif note.startswith("| "):
        line.text += f"\n{note[2:]}"
    elif note.startswith("was: "):
        line.earlier.append(note[5:])
    elif note.startswith("+ "):
        emoji, names = note[2:].split(" ", 1)
        line.reactions += [(emoji, name) for name in _names(names)]
    elif note.startswith("pinned by "):
        line.pinned_by = note[10:]
    elif note == "deleted":
        line.is_deleted = True
    else:
        raise ValueError(note)


def _last_line(screenplay: Screenplay) -> Line:
    entry = screenplay.scenes[-1].entries[-1]
    if not isinstance(entry, Line):
        raise ValueError("a note needs a message")
    return entry


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _whole(pattern: re.Pattern[str], line: str) -> re.Match[str]:
    match = pattern.fullmatch(line)
    if match is None:
        raise ValueError(line)
    return match
