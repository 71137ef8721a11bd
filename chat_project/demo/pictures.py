"""The pictures of groups and channels: a small scene each."""

from collections.abc import Callable, Mapping

from chat_project.demo.canvas import Canvas, box_mask, ellipse_mask, union, within, without


def picture(name: str) -> bytes:
    """Return a scene as WebP. Raises KeyError for a name that none has."""
    return _SCENES[name]().webp()


def _ridge() -> Canvas:
    canvas = Canvas("#fbd9a5", "#f4977a")
    canvas.ellipse("#fff2d6", 66, 36, 13)
    canvas.polygon("#c76b73", (0, 62), (20, 40), (34, 54), (56, 30), (76, 52), (100, 38), (100, 100), (0, 100))
    canvas.polygon("#fbe9df", (56, 30), (47.7, 39), (52.5, 37.4), (56, 41), (59.5, 37.4), (64.2, 39))
    canvas.polygon("#8a4a67", (0, 74), (26, 52), (46, 72), (66, 56), (100, 80), (100, 100), (0, 100))
    canvas.polygon("#4d3157", (0, 84), (40, 74), (70, 82), (100, 72), (100, 100), (0, 100))
    for x, y in ((20, 81), (29, 79), (74, 83), (83, 80)):
        canvas.polygon("#33213f", (x, y - 14), (x - 5, y + 2), (x + 5, y + 2))
    canvas.polygon("#fbd9a5", (44, 100), (53, 100), (52, 91), (55, 84), (52, 78.4), (51, 78.4), (52.4, 84), (47, 91))
    return canvas


def _house() -> Canvas:
    canvas = Canvas("#bfe3ea", "#e7f4ee")
    canvas.ellipse("#ffffff", 24, 30, 8, 5)
    canvas.ellipse("#ffffff", 32, 31, 10, 6)
    canvas.box("#e4a23b", 60, 18, 67, 40)
    canvas.polygon("#b5493f", (20, 44), (50, 18), (80, 44))
    canvas.box("#f7e2c4", 26, 43, 74, 86)
    for top in (50, 68):
        for left in (32, 46, 60):
            lit = (left, top) in {(46, 50), (60, 68)}
            canvas.box("#f9cf57" if lit else "#5f8ea3", left, top, left + 8, top + 11, 1)
    canvas.box("#2f5d62", 45, 67, 55, 86, 1)
    canvas.ellipse("#f9cf57", 53, 77, 0.9)
    canvas.box("#7fb07c", 0, 86, 100, 100)
    for x in (20, 80):
        canvas.ellipse("#5c9361", x, 83, 7, 8)
    return canvas


def _bread() -> Canvas:
    canvas = Canvas("#fdf0d5", "#f3c98b")
    canvas.ellipse("#fbe1b2", 50, 50, 38)
    canvas.box("#8b5a34", 15, 70, 85, 76, 3)
    canvas.ellipse("#b66d2f", 50, 57, 30, 19)
    loaf = within(ellipse_mask(50, 55, 29, 17.5), box_mask(0, 0, 100, 71))
    canvas.paint("#d98f45", loaf)
    canvas.paint("#e7ab62", within(loaf, ellipse_mask(47, 47, 26, 13)))
    for x in (34, 46, 58):
        cut = within(
            ellipse_mask(x + 3, 53, 3.4, 11), without(ellipse_mask(x + 3, 53, 3.4, 11), ellipse_mask(x, 53, 3, 11))
        )
        canvas.paint("#fbe6c0", cut)
    for x in (38, 50, 62):
        canvas.line("#ffffff", 1.8, (x, 33), (x + 2.4, 29.5), (x, 26), (x + 2.4, 22.5))
    return canvas


def _books() -> Canvas:
    canvas = Canvas("#cfd8f2", "#8f9fd6")
    canvas.ellipse("#eef1fb", 50, 48, 36)
    canvas.box("#4b4168", 14, 74, 86, 79, 2)
    spines = (("#b5493f", 24, 38), ("#e4a23b", 33, 44), ("#2f8f83", 42, 34), ("#3e6ea8", 53, 41))
    for colour, left, top in spines:
        canvas.box(colour, left, top, left + 9, 74, 1.5)
        canvas.box("#fff6ea", left + 2.4, top + 6, left + 6.6, top + 9, 0.5)
    canvas.polygon("#e0527e", (64, 74), (71, 38), (79, 39.6), (72, 74))
    return canvas


def _harbour() -> Canvas:
    canvas = Canvas("#fde9c4", "#f9c58d")
    canvas.ellipse("#fff7e4", 70, 34, 11)
    canvas.box("#3c8fa3", 0, 62, 100, 100)
    canvas.polygon("#e9dcc4", (0, 66), (26, 58), (34, 66))
    canvas.polygon("#f6f1e7", (16, 60), (18.5, 28), (25.5, 28), (28, 60))
    canvas.polygon("#c23b31", (17.2, 46), (18, 37), (26, 37), (26.8, 46))
    canvas.box("#2b4a5e", 17, 25, 27, 28.4, 1)
    canvas.box("#f9cf57", 19.4, 20, 24.6, 25)
    canvas.polygon("#2b4a5e", (18, 20), (22, 15), (26, 20))
    canvas.polygon("#f6f1e7", (60, 34), (60, 66), (42, 66))
    canvas.polygon("#e4713b", (62.5, 40), (62.5, 66), (76, 66))
    canvas.line("#5a3a2a", 1.2, (61.2, 31), (61.2, 70))
    canvas.polygon("#7a3b2e", (38, 69), (82, 69), (74, 78), (46, 78))
    for y, left in ((84, 20), (84, 60), (91, 38), (91, 76)):
        canvas.line("#7fc0cd", 1.4, (left, y), (left + 6, y - 1.2), (left + 12, y))
    return canvas


def _cake() -> Canvas:
    canvas = Canvas("#fbd5e0", "#f193b0")
    canvas.ellipse("#fdeef3", 50, 50, 37)
    canvas.ellipse("#d7dfe8", 50, 77, 30, 5)
    canvas.box("#b66d2f", 26, 56, 74, 77, 4)
    canvas.box("#f7e2c4", 26, 63, 74, 67)
    icing = union(
        box_mask(26, 50, 74, 60, 4), *(ellipse_mask(x, 60, 4.05, 4 + x % 3) for x in (30, 38, 46, 54, 62, 70))
    )
    canvas.paint("#e0527e", icing)
    for x, colour in ((38, "#3e6ea8"), (50, "#2f8f83"), (62, "#7a5bb5")):
        canvas.box(colour, x - 1.3, 37, x + 1.3, 50.5)
        canvas.polygon("#f6a12e", (x, 27.5), (x - 2.6, 33.4), (x + 2.6, 33.4))
        canvas.ellipse("#f6a12e", x, 33.6, 2.6)
        canvas.ellipse("#ffe08a", x, 34, 1.3)
    return canvas


_SCENES: Mapping[str, Callable[[], Canvas]] = {
    "ridge": _ridge,
    "house": _house,
    "bread": _bread,
    "books": _books,
    "harbour": _harbour,
    "cake": _cake,
}
