"""Flat portraits: a face, hair, clothes and what somebody never takes off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chat_project.demo.canvas import Canvas, Mask, box_mask, ellipse_mask, line_mask, union, within, without

_INK = "#2b2430"
_FACE = (50, 45, 15.5, 19)


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """How one person looks. `hair` and `top` name a style; `wears` lists extras."""

    sky: tuple[str, str]
    sun: str
    skin: str
    hair: str
    hair_colour: str
    top: str
    top_colour: str
    trim: str = "#fff6ea"
    wears: tuple[str, ...] = ()

    def webp(self) -> bytes:
        """Return the drawn picture."""
        canvas = Canvas(*self.sky)
        canvas.ellipse(self.sun, 50, 46, 32)
        self._paint_hair(canvas, _BEHIND)
        self._paint_body(canvas)
        self._paint_face(canvas)
        self._paint_hair(canvas, _FRONT)
        for extra in self.wears:
            _EXTRAS[extra](canvas, self)
        return canvas.webp(left=9, top=8, side=82)

    def _paint_hair(self, canvas: Canvas, styles: Mapping[str, Callable[[], Mask]]) -> None:
        if self.hair in styles:
            canvas.paint(self.hair_colour, styles[self.hair]())

    def _paint_body(self, canvas: Canvas) -> None:
        canvas.paint(self.top_colour, _shoulders())
        canvas.paint(_shade(self.skin), box_mask(43.5, 56, 56.5, 74, 6))
        canvas.ellipse(_shade(self.skin), 50, 73, 9.5, 5.5)
        _TOPS[self.top](canvas, self)

    def _paint_face(self, canvas: Canvas) -> None:
        for x in (34.5, 65.5):
            canvas.ellipse(_shade(self.skin, 0.94), x, 46, 3.2, 4.2)
        canvas.paint(self.skin, _face())
        for x in (40.2, 59.8):
            canvas.ellipse(_blend(self.skin, "#f0735f", 0.24), x, 51.5, 3.6, 2.6)
        for x in (43.4, 56.6):
            canvas.ellipse(_INK, x, 45.5, 1.55, 1.95)
        brow = _shade(self.hair_colour, 0.85) if self.hair_colour != "#e9e4dc" else "#bdb5ab"
        canvas.arc(brow, 1.3, 43.2, 42.6, 4.2, 3.2, 215, 325)
        canvas.arc(brow, 1.3, 56.8, 42.6, 4.2, 3.2, 215, 325)
        canvas.arc(_shade(self.skin, 0.78), 1.2, 50, 48.6, 2.2, 2.2, 20, 160)
        canvas.arc(self.lips(), 1.5, 50, 53.2, 5.2, 4.2, 25, 155)

    def lips(self) -> str:
        is_dark = int(self.skin[1:3], 16) < 150
        return _blend(self.skin, "#ffb3a1", 0.6) if is_dark else _blend(self.skin, "#8c2f39", 0.75)


def _face() -> Mask:
    return ellipse_mask(*_FACE)


def _head(grown: float) -> Mask:
    x, y, rx, ry = _FACE
    return ellipse_mask(x, y, rx + grown, ry + grown)


def _shoulders() -> Mask:
    return union(box_mask(19, 70, 81, 130, 22), ellipse_mask(50, 80, 24, 12))


def _shade(colour: str, factor: float = 0.88) -> str:
    return "#" + "".join(f"{round(int(colour[i : i + 2], 16) * factor):02x}" for i in (1, 3, 5))


def _blend(colour: str, other: str, share: float) -> str:
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


# --- Hair: what lies behind the head, and what falls over it ------------------------------------


def _crown(lift: float = 2.2, bottom: float = 47, parting: float = 50, fall: float = 54, width: float = 17) -> Mask:
    """Hair on the upper head, cut along an ellipse: the hairline, whose middle is the parting."""
    hairline = ellipse_mask(parting, fall, width, 19.5)
    eyes = box_mask(39, 41.5, 61, 100, 4)
    return without(within(_head(lift), box_mask(0, 0, 100, bottom)), hairline, eyes)


def _curls(*points: tuple[float, float], radius: float = 6.2) -> Mask:
    return union(*(ellipse_mask(x, y, radius) for x, y in points))


_BRAID = ((0.0, 54.0), (1.6, 61.0), (2.2, 68.0), (1.8, 75.0), (1.0, 82.0))
_SPIKES = ((37.5, 32), (42, 28), (47.5, 26), (53, 26), (58, 28), (62.5, 32))
_CURL_ARCH = ((35, 38), (37, 31), (42, 26), (50, 24), (58, 26), (63, 31), (65, 38))

_BEHIND: Mapping[str, Callable[[], Mask]] = {
    "long": lambda: union(_head(4.5), box_mask(29.5, 40, 70.5, 82, 10)),
    "bob": lambda: union(_head(5), box_mask(29, 38, 71, 64, 9)),
    "fringe": lambda: union(_head(4), box_mask(30, 38, 70, 66, 6)),
    "bun": lambda: union(_head(2.4), ellipse_mask(50, 21.5, 7.6)),
    "afro": lambda: ellipse_mask(50, 37, 25.5, 24),
    "curls": lambda: union(
        _curls(*_CURL_ARCH, (32, 45), (68, 45), (31, 52), (69, 52), (33, 59), (67, 59), radius=6.8), _head(2)
    ),
    "tail": lambda: union(_head(2.6), ellipse_mask(68.5, 33, 6.5, 6), line_mask(9, (70, 36), (74, 50), (71, 63))),
    "braid": lambda: union(_head(2.8), *(ellipse_mask(67 + dx, y, 4.8, 5.2) for dx, y in _BRAID)),
}

_FRONT: Mapping[str, Callable[[], Mask]] = {
    "long": lambda: _crown(3, 54, parting=47, fall=54.5, width=16.5),
    "bob": lambda: without(_crown(3.6, 55, fall=57, width=16.5), box_mask(37, 44, 63, 70)),
    "fringe": lambda: union(
        within(_head(2.6), box_mask(0, 0, 100, 38)),
        within(_head(3), union(box_mask(30, 30, 36.5, 60), box_mask(63.5, 30, 70, 60))),
    ),
    "bun": lambda: _crown(2.4, 47, parting=50, fall=52),
    "afro": lambda: _crown(2, 45, fall=53.5),
    "curls": lambda: within(_curls(*_CURL_ARCH, (45, 30), (55, 30)), box_mask(0, 0, 100, 40)),
    "tail": lambda: _crown(2.6, 46, parting=46.5, fall=53),
    "braid": lambda: _crown(2.8, 50, parting=53, fall=54),
    "short": lambda: _crown(2.2, 45, fall=53),
    "side": lambda: union(_crown(1.6, 44, parting=51.5, fall=51.5, width=17.5), ellipse_mask(45, 27.5, 10, 3.8)),
    "quiff": lambda: union(_crown(2, 45, fall=54), ellipse_mask(53, 26, 12.5, 6), ellipse_mask(61, 24.5, 6, 5)),
    "crop": lambda: _crown(1.2, 41, fall=51.5, width=19),
    "swept": lambda: union(_crown(2.2, 47, parting=48.5, fall=53.5, width=17), ellipse_mask(55, 28, 11.5, 5)),
    "spiky": lambda: union(_crown(2, 45, fall=53.5), *(ellipse_mask(x, y, 4.6, 6) for x, y in _SPIKES)),
}


# --- Clothes ------------------------------------------------------------------------------------


def _plain_top(canvas: Canvas, person: Portrait) -> None:
    canvas.arc(_shade(person.top_colour, 0.82), 1.6, 50, 72, 11, 7.5, 8, 172)


def _shirt(canvas: Canvas, person: Portrait) -> None:
    canvas.polygon(person.trim, (40, 69), (50, 79), (45, 86), (36.5, 72))
    canvas.polygon(person.trim, (60, 69), (50, 79), (55, 86), (63.5, 72))
    canvas.line(_shade(person.top_colour, 0.82), 0.9, (50, 80), (50, 100))


def _turtleneck(canvas: Canvas, person: Portrait) -> None:
    canvas.box(_shade(person.top_colour, 0.9), 40, 64, 60, 80, 5)
    canvas.line(_shade(person.top_colour, 0.78), 0.8, (43, 69), (57, 69))


def _hoodie(canvas: Canvas, person: Portrait) -> None:
    canvas.paint(
        _shade(person.top_colour, 0.84), without(ellipse_mask(50, 72, 18, 9.5), ellipse_mask(50, 70.5, 10.5, 6.5))
    )
    for x in (45, 55):
        canvas.line(person.trim, 1, (x, 79), (x, 89))


def _apron(canvas: Canvas, person: Portrait) -> None:
    canvas.box(person.trim, 36, 82, 64, 110, 3)
    for near, far in ((38, 40.5), (62, 59.5)):
        canvas.line(person.trim, 2, (near, 84), (far, 71))
    canvas.arc(_shade(person.top_colour, 0.82), 1.6, 50, 72, 11, 7.5, 30, 150)


def _stripes(canvas: Canvas, person: Portrait) -> None:
    for y in (82, 89, 96):
        canvas.paint(person.trim, within(box_mask(0, y, 100, y + 3.2), _shoulders()))
    _plain_top(canvas, person)


def _jacket(canvas: Canvas, person: Portrait) -> None:
    canvas.polygon(person.trim, (42, 72), (58, 72), (54, 101), (46, 101))
    dark = _shade(person.top_colour, 0.84)
    canvas.polygon(dark, (40.5, 69), (47, 101), (38, 101), (34, 73))
    canvas.polygon(dark, (59.5, 69), (53, 101), (62, 101), (66, 73))
    canvas.ellipse(_shade(person.skin), 50, 72, 7.6, 4.2)


_TOPS: Mapping[str, Callable[[Canvas, Portrait], None]] = {
    "plain": _plain_top,
    "shirt": _shirt,
    "turtleneck": _turtleneck,
    "hoodie": _hoodie,
    "apron": _apron,
    "stripes": _stripes,
    "jacket": _jacket,
}


# --- Extras -------------------------------------------------------------------------------------


def _glasses(canvas: Canvas, _person: Portrait) -> None:
    for x in (42.9, 57.1):
        canvas.arc(_INK, 1.1, x, 46, 5.6, 5.2, 0, 360)
    canvas.arc(_INK, 1.1, 50, 46.2, 2, 1.8, 190, 350)
    canvas.line(_INK, 1, (37.2, 45.2), (34.8, 44.4))
    canvas.line(_INK, 1, (62.8, 45.2), (65.2, 44.4))


def _square_glasses(canvas: Canvas, _person: Portrait) -> None:
    frame = "#a63d40"
    for x in (42.7, 57.3):
        rim = without(box_mask(x - 6, 41, x + 6, 50.6, 3), box_mask(x - 4.8, 42.2, x + 4.8, 49.4, 2.2))
        canvas.paint(frame, rim)
    canvas.line(frame, 1.2, (48.6, 44.6), (51.4, 44.6))


def _beard(canvas: Canvas, person: Portrait) -> None:
    jaw = within(_head(1.2), box_mask(0, 47.5, 100, 100))
    canvas.paint(person.hair_colour, without(jaw, ellipse_mask(50, 45.5, 12.6, 9.6)))
    canvas.arc(person.lips(), 1.7, 50, 54.6, 4.4, 3.2, 25, 155)


def _moustache(canvas: Canvas, person: Portrait) -> None:
    canvas.paint(
        person.hair_colour,
        without(
            union(ellipse_mask(46.6, 53, 4.6, 2.5), ellipse_mask(53.4, 53, 4.6, 2.5)), ellipse_mask(50, 56.6, 6, 2.8)
        ),
    )


def _stubble(canvas: Canvas, person: Portrait) -> None:
    jaw = without(within(_face(), box_mask(0, 50, 100, 100)), ellipse_mask(50, 46.5, 12.2, 9.5))
    canvas.paint(_blend(person.skin, person.hair_colour, 0.32), jaw)
    canvas.arc(person.lips(), 1.5, 50, 53.2, 5.2, 4.2, 25, 155)


def _earrings(canvas: Canvas, _person: Portrait) -> None:
    for x in (33.6, 66.4):
        canvas.ellipse("#f2b632", x, 52.6, 1.7, 2.1)


def _freckles(canvas: Canvas, person: Portrait) -> None:
    for x, y in ((39, 49.6), (41.4, 50.6), (43.6, 49.8), (56.4, 49.8), (58.6, 50.6), (61, 49.6)):
        canvas.ellipse(_blend(person.skin, "#9c5a34", 0.55), x, y, 0.55)


def _beanie(canvas: Canvas, person: Portrait) -> None:
    canvas.paint(person.trim, within(ellipse_mask(50, 38, 19, 19), box_mask(0, 0, 100, 37)))
    canvas.box(_shade(person.trim, 0.86), 30.5, 32.5, 69.5, 39.5, 3.4)
    canvas.ellipse(_shade(person.trim, 0.92), 50, 18.6, 4.4)


def _headphones(canvas: Canvas, person: Portrait) -> None:
    canvas.arc(_INK, 2.4, 50, 42, 20, 21.5, 188, 352)
    for x in (31.6, 68.4):
        canvas.box(person.trim, x - 3.6, 41, x + 3.6, 53, 3.2)


def _headscarf(canvas: Canvas, person: Portrait) -> None:
    scarf = union(_head(5), ellipse_mask(50, 66, 19, 13), box_mask(31, 45, 69, 68, 8))
    canvas.paint(person.trim, without(scarf, ellipse_mask(50, 46.5, 13.4, 16.6)))
    fold = without(ellipse_mask(50, 67, 16.5, 9), ellipse_mask(50, 64.2, 17.5, 9))
    canvas.paint(_shade(person.trim, 0.86), fold)


def _cap(canvas: Canvas, person: Portrait) -> None:
    canvas.paint(person.trim, within(ellipse_mask(50, 38, 18.4, 17.5), box_mask(0, 0, 100, 35.5)))
    canvas.box(_shade(person.trim, 0.82), 33, 33.5, 74, 37.6, 2)


def _flower(canvas: Canvas, person: Portrait) -> None:
    for x, y in ((64, 27.6), (67.6, 30.2), (66.2, 34.4), (61.8, 34.4), (60.4, 30.2)):
        canvas.ellipse(person.trim, x, y, 2.6)
    canvas.ellipse("#f2b632", 64, 31.4, 2)


_EXTRAS: Mapping[str, Callable[[Canvas, Portrait], None]] = {
    "glasses": _glasses,
    "square glasses": _square_glasses,
    "beard": _beard,
    "moustache": _moustache,
    "stubble": _stubble,
    "earrings": _earrings,
    "freckles": _freckles,
    "beanie": _beanie,
    "headphones": _headphones,
    "headscarf": _headscarf,
    "cap": _cap,
    "flower": _flower,
}
