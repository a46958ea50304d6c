"""Pictures made of numbers, and what people do to a picture that they use again.

Every number is another picture, always the same one: clouds, rooms with a parcel and things,
labels with letters, heaps; each with the grain of a camera. And one thing photographed anew, which
is no copy: honest people send back the same product.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from functools import partial

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

Made = Image.Image
SIZE = (480, 360)


def picture(number: int) -> Made:
    """A photo that is like no other, as a camera saves it."""
    chance = random.Random(number)
    kind = number % 4
    made = _clouds(chance) if kind == 0 else Image.new("RGB", SIZE, _colour(chance, 120, 240))
    draw = ImageDraw.Draw(made)
    width, height = SIZE
    if kind:
        floor = chance.randrange(height // 2, height * 4 // 5)
        draw.rectangle((0, floor, width, height), fill=_colour(chance, 60, 160))
    for _ in range(chance.randrange(20, 40) if kind == 3 else chance.randrange(3, 12)):
        left, top = chance.randrange(-60, width * 7 // 8), chance.randrange(-45, height * 7 // 8)
        box = (
            left,
            top,
            left + chance.randrange(width // 20, width // 2),
            top + chance.randrange(height // 20, height // 2),
        )
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape(box, fill=_colour(chance))
    if kind == 2:
        for _ in range(chance.randrange(4, 9)):
            word = "".join(chance.choices("ABCDEFGHKLMNPRSTUVWXYZ 0123456789", k=14))
            place = (chance.randrange(width * 3 // 4), chance.randrange(height))
            draw.text(place, word, fill=_colour(chance), font_size=chance.randrange(12, 42))
    return _taken(made, chance)


def photographed(thing: int, time: int) -> Made:
    """A thing on one of a few tables, as somebody lays it there; each time is another photo."""
    chance = random.Random(f"{thing} {time}")
    table = random.Random(chance.randrange(5))
    made = Image.new("RGB", SIZE, _colour(table, 150, 240))
    floor = SIZE[1] * table.randrange(4, 8) // 10
    ImageDraw.Draw(made).rectangle((0, floor, *SIZE), fill=_colour(table, 60, 150))
    side = chance.randrange(150, 300)
    laid = _thing(thing).resize((side, side)).rotate(chance.randrange(-40, 40), expand=True)
    place = (chance.randrange(-20, SIZE[0] - side), chance.randrange(-20, SIZE[1] - side + 40))
    made.paste(laid, place, laid)
    return _taken(brightened(made, chance.uniform(0.8, 1.2)), chance)


def jpeg(made: Made, quality: int = 85) -> bytes:
    """The bytes of a picture."""
    content = io.BytesIO()
    made.save(content, "JPEG", quality=quality)
    return content.getvalue()


def saved(made: Made, quality: int) -> Made:
    """What is left of a picture after it was saved."""
    return Image.open(io.BytesIO(jpeg(made, quality))).convert("RGB")


def cropped(made: Made, part: float, across: float, down: float | None) -> Made:
    """Without a part of its width and height; of what is cut off, how much at the left and top.

    Without `down` the height stays.
    """
    width, height = made.size
    wide, high = width * (1 - part), height * (1 - part if down is not None else 1)
    left, top = (width - wide) * across, (height - high) * (down or 0)
    return made.crop((round(left), round(top), round(left + wide), round(top + high)))


def brightened(made: Made, factor: float) -> Made:
    """Brighter, or darker."""
    return ImageEnhance.Brightness(made).enhance(factor)


def _halved(made: Made) -> Made:
    return made.resize((made.width // 2, made.height // 2))


def _all(made: Made) -> Made:
    return saved(brightened(_halved(cropped(made, 0.1, 0.5, 0.5)), 1.2), 30)


COPIES: Mapping[str, Callable[[Made], Made]] = {
    "resized to a half": _halved,
    "JPEG, quality 30": partial(saved, quality=30),
    **{
        f"cropped by {part:.0%}, {where}": partial(cropped, part=part, across=across, down=down)
        for part in (0.05, 0.1, 0.2)
        for where, across, down in (
            ("all round", 0.5, 0.5),
            ("at a corner", 1.0, 1.0),
            ("at a side", 1.0, None),
        )
    },
    "cropped by 7%, at odd places": partial(cropped, part=0.07, across=0.3, down=0.8),
    "cropped by 15%, at odd places": partial(cropped, part=0.15, across=0.7, down=0.2),
    "brighter by 30%": partial(brightened, factor=1.3),
    "darker by 30%": partial(brightened, factor=0.7),
    "cropped, halved, brighter, q30": _all,
}


def _thing(number: int) -> Made:
    """A box with shapes on it, on nothing."""
    chance = random.Random(f"thing {number}")
    made = Image.new("RGBA", (300, 300))
    draw = ImageDraw.Draw(made)
    left, top = chance.randrange(60), chance.randrange(60)
    draw.rectangle((left, top, 300 - left, 300 - top), fill=_colour(chance))
    for _ in range(chance.randrange(2, 7)):
        x, y = chance.randrange(left, 250 - left), chance.randrange(top, 250 - top)
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((x, y, x + chance.randrange(10, 50), y + chance.randrange(10, 50)), _colour(chance))
    return made


def _taken(made: Made, chance: random.Random) -> Made:
    """A little out of focus, with the grain of a camera."""
    width, height = made.size
    grain = Image.frombytes("L", made.size, chance.randbytes(width * height)).convert("RGB")
    return saved(Image.blend(made.filter(ImageFilter.GaussianBlur(1.2)), grain, 0.05), 85)


def _clouds(chance: random.Random) -> Made:
    found: Made | None = None
    for cells, weight in ((3, 1.0), (6, 0.4), (12, 0.3), (24, 0.22), (48, 0.18)):
        size = (cells, max(2, cells * 3 // 4))
        noise = Image.frombytes("RGB", size, chance.randbytes(3 * size[0] * size[1]))
        layer = noise.resize(SIZE, Image.Resampling.BICUBIC)
        found = layer if found is None else Image.blend(found, layer, weight)
    assert found is not None
    return found


def _colour(chance: random.Random, low: int = 0, high: int = 256) -> tuple[int, int, int]:
    return chance.randrange(low, high), chance.randrange(low, high), chance.randrange(low, high)
