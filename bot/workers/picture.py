"""Looks at pictures: a process of its own, which may die of one and takes nothing with it.

It is not imported but run, so that nothing of what decodes is ever in the bot's own process. A
line of its input is the path of a file, a line of its output what was seen: `{"views": …}`, pairs
of hashes in hexadecimal digits, the whole first and then parts; or `{"unseen": why}`.

What may be a picture is told by its first bytes and its size by its header; nothing larger than
`PIXELS` is ever decoded. The system ends what takes more memory or processor time than it may.
ImageHash knows how a hash is made. Its own hash for what was cropped takes a second a picture and
finds the corners of few; hashes of the parts that a crop leaves are fifty times quicker.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import IO, Any

PIXELS = 16_000_000
"""Four bytes each, 64 MB."""
ADDRESSES = 512 << 20
"""Bytes of address space: the libraries take 200 MB of it, most of which is never touched."""
CPU_S = 5
"""For one picture."""
FORMATS = ("JPEG", "PNG", "WEBP")
SIDE = 192
"""Pixels to which a picture is made small before anything is computed."""
CONTRAST = 4.0
"""The least standard deviation, of 255, of what can be told from a wall."""
_CROPS = (0.9, 0.8)
_PLACES = (0.0, 0.5, 1.0)
_ORIENTATION = 0x0112

Box = tuple[float, float, float, float]


def boxes() -> list[Box]:
    """The whole, and what is left when a tenth or a fifth is cut off at some sides."""
    found: list[Box] = [(0.0, 0.0, 1.0, 1.0)]
    for part in _CROPS:
        rest = 1 - part
        for across in _PLACES:
            left = rest * across
            found.append((left, 0.0, left + part, 1.0))
            found.append((0.0, left, 1.0, left + part))
            for down in _PLACES:
                top = rest * down
                found.append((left, top, left + part, top + part))
    return found


def look(file: IO[bytes]) -> dict[str, Any]:
    """What is seen in a file."""
    from PIL import Image, ImageStat, UnidentifiedImageError

    try:
        picture = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError:
        return {"unseen": "no_picture"}
    except Image.DecompressionBombError:
        return {"unseen": "too_many_pixels"}
    except Exception:
        return {"unseen": "broken"}
    if picture.width * picture.height > PIXELS:
        return {"unseen": "too_many_pixels"}
    try:
        small = _small(picture)
        views = []
        for place, box in enumerate(boxes()):
            view = small.resize((32, 32), Image.Resampling.LANCZOS, box=_of(box, small))
            if ImageStat.Stat(view).stddev[0] >= CONTRAST:
                views.append(_hashes(view))
            elif place == 0:
                return {"unseen": "plain"}
    except MemoryError:
        return {"unseen": "too_costly"}
    except Exception:
        return {"unseen": "broken"}
    return {"views": views}


def _small(picture: Any) -> Any:
    """The picture in grey, small, and the right way up."""
    from PIL import Image

    picture.draft("L", (2 * SIDE, 2 * SIDE))
    picture.load()
    turned = picture.getexif().get(_ORIENTATION)
    factor = min(picture.size) // (2 * SIDE)
    if factor > 1 and picture.mode not in ("1", "P", "PA"):
        picture = picture.reduce(factor)
    small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return small.transpose(turns[turned]) if turned in turns else small


def _of(box: Box, picture: Any) -> Box:
    left, top, right, bottom = box
    return (
        left * picture.width,
        top * picture.height,
        min(right, 1.0) * picture.width,
        min(bottom, 1.0) * picture.height,
    )


def _hashes(view: Any) -> tuple[str, str]:
    import imagehash

    return str(imagehash.phash(view)), str(imagehash.dhash(view))


def limit() -> None:
    """Take no more than a picture needs, write nothing, and let everybody else go first."""
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def give_time() -> None:
    """Let the system end this process if the next picture takes too long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(used.ru_utime + used.ru_stime) + CPU_S + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def main() -> None:
    """Look at one file after the other, until there are no more."""
    limit()
    for line in sys.stdin:
        give_time()
        with open(line.rstrip("\n"), "rb") as file:  # noqa: PTH123
            seen = look(file)
        print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    main()
