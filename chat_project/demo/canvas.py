"""A square to draw on, in hundredths of its side, finished as a small WebP."""

from io import BytesIO

from PIL import Image, ImageChops, ImageColor, ImageDraw

SIDE = 256
# Drawn larger and then reduced: Pillow's own edges are jagged.
_SCALE = 3
_PIXELS = SIDE * _SCALE

Point = tuple[float, float]
Mask = Image.Image


class Canvas:
    """A picture in the making. All lengths are hundredths of the side, from the upper left."""

    def __init__(self, top: str, bottom: str) -> None:
        shade = Image.linear_gradient("L").resize((_PIXELS, _PIXELS))
        self._image = Image.composite(_plain(bottom), _plain(top), shade)

    def ellipse(self, colour: str, x: float, y: float, rx: float, ry: float | None = None) -> None:
        self._draw().ellipse(_around(x, y, rx, ry), colour)

    def polygon(self, colour: str, *points: Point) -> None:
        self._draw().polygon([_scaled(*point) for point in points], fill=colour)

    def box(self, colour: str, left: float, top: float, right: float, bottom: float, radius: float = 0) -> None:
        self._draw().rounded_rectangle((_scaled(left, top), _scaled(right, bottom)), radius * _PIXELS / 100, colour)

    def line(self, colour: str, width: float, *points: Point) -> None:
        """Draw a line with round ends and joints."""
        self.paint(colour, line_mask(width, *points))

    def arc(self, colour: str, width: float, x: float, y: float, rx: float, ry: float, start: int, end: int) -> None:
        """Draw a part of an ellipse's edge; degrees go clockwise from three o'clock."""
        self._draw().arc(_around(x, y, rx, ry), start, end, colour, round(width * _PIXELS / 100))

    def paint(self, colour: str, mask: Mask) -> None:
        """Fill a mask with a colour."""
        box = mask.getbbox()
        self._image.paste(ImageColor.getrgb(colour), box, mask.crop(box))

    def webp(self, *, left: float = 0, top: float = 0, side: float = 100) -> bytes:
        """Return the finished picture, or a square cut from it."""
        box = (*_scaled(left, top), *_scaled(left + side, top + side))
        file = BytesIO()
        self._image.resize((SIDE, SIDE), Image.Resampling.HAMMING, box).save(file, "WEBP", quality=88)
        return file.getvalue()

    def _draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self._image)


def ellipse_mask(x: float, y: float, rx: float, ry: float | None = None) -> Mask:
    """Return an ellipse by its centre and radii; without `ry`, a circle."""
    mask = _empty()
    ImageDraw.Draw(mask).ellipse(_around(x, y, rx, ry), 255)
    return mask


def box_mask(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Mask:
    """Return a rectangle, with round corners where a radius is given."""
    mask = _empty()
    box = (_scaled(left, top), _scaled(right, bottom))
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * _PIXELS / 100, 255)
    return mask


def line_mask(width: float, *points: Point) -> Mask:
    """Return a line with round ends and joints."""
    mask = _empty()
    draw = ImageDraw.Draw(mask)
    pixels = [_scaled(*point) for point in points]
    draw.line(pixels, 255, round(width * _PIXELS / 100), joint="curve")
    for x, y in pixels:
        draw.circle((x, y), width * _PIXELS / 200, 255)
    return mask


def union(*masks: Mask) -> Mask:
    """Return what lies in any of the masks."""
    whole = masks[0]
    for mask in masks[1:]:
        whole = ImageChops.lighter(whole, mask)
    return whole


def within(mask: Mask, *others: Mask) -> Mask:
    """Return what lies in all of the masks."""
    for other in others:
        mask = ImageChops.darker(mask, other)
    return mask


def without(mask: Mask, *others: Mask) -> Mask:
    """Return what lies in the first mask and in none of the others."""
    for other in others:
        mask = ImageChops.subtract(mask, other)
    return mask


def _empty() -> Mask:
    return Image.new("L", (_PIXELS, _PIXELS))


def _plain(colour: str) -> Image.Image:
    return Image.new("RGB", (_PIXELS, _PIXELS), colour)


def _around(x: float, y: float, rx: float, ry: float | None) -> tuple[float, float, float, float]:
    ry = rx if ry is None else ry
    return (*_scaled(x - rx, y - ry), *_scaled(x + rx, y + ry))


def _scaled(x: float, y: float) -> tuple[float, float]:
    return x * _PIXELS / 100, y * _PIXELS / 100
