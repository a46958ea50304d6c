"""S6: whatever is sent as a picture, nothing above the cap is decoded and nothing is harmed."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.services.records import Picture, Unseen
from bot.workers import looking, picture
from bot.workers.looking import Looking
from tests.pictures import jpeg
from tests.pictures import picture as made

MB = 1 << 20
SOURCE = Path(picture.__file__).read_text()


def png(width: int, height: int, *, body: bytes | None = None, more: bytes = b"") -> bytes:
    """A grey PNG of this size; its rows are zeros, as many as there should be or `body`."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = body if body is not None else zlib.compress(bytes(height * (3 * width + 1)), 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), more, chunk(b"IDAT", rows), chunk(b"IEND", b""))
    )


def corpus() -> Iterator[tuple[str, bytes, Unseen | None]]:
    """(name, bytes, why it cannot be looked at): bombs, torsos, and things in a dress."""
    photo = jpeg(made(1))
    bombs = ((13_000, 13_000), (9_000, 9_000), (20_000, 20_000), (16_000_001, 1), (4_001, 4_000))
    for width, height in (*bombs, (1, 2**31 - 1), (2**31 - 1, 2**31 - 1)):
        yield f"bomb {width} by {height}", png(width, height, body=b"x"), Unseen.TOO_MANY_PIXELS
    for size in (8_000, 20_000, 65_000):
        wide = photo.replace(b"\x01\x68\x01\xe0", struct.pack(">HH", size, size), 1)
        yield f"JPEG that says {size}", wide, Unseen.TOO_MANY_PIXELS
    for part in range(1, 20):
        yield f"JPEG cut at {part}/20", photo[: len(photo) * part // 20], Unseen.BROKEN
    for part in range(1, 8):
        whole = png(300, 300)
        yield f"PNG cut at {part}/8", whole[: len(whole) * part // 8], Unseen.BROKEN
    yield "PNG of no size", png(0, 0, body=b""), Unseen.NO_PICTURE
    yield "PNG with rows of nonsense", png(300, 300, body=b"nonsense"), Unseen.BROKEN
    yield "PNG with too few rows", png(300, 300, body=zlib.compress(bytes(99))), Unseen.BROKEN
    words = b"zTXtbomb\0\0" + zlib.compress(bytes(64 * MB), 9)
    text = struct.pack(">I", len(words) - 4) + words + struct.pack(">I", zlib.crc32(words))
    yield "PNG with a bomb in its words", png(300, 300, more=text), Unseen.BROKEN
    for name, content in {
        "nothing": b"",
        "zeros": bytes(1000),
        "words": b"../../etc/passwd",
        "a page": b"<html><script>alert(1)</script></html>",
        "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"/>',
        "a paper": b"%PDF-1.7 and so on",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n/x (%pipe%id) (w) file",
        "an archive": b"PK\x03\x04" + bytes(100),
        "a GIF": b"GIF89a" + struct.pack("<HH", 65_000, 65_000) + bytes(50),
        "a bitmap": b"BM" + bytes(200),
        "a TIFF": b"II*\0" + bytes(100),
        "an icon": b"\0\0\1\0\1\0" + bytes(100),
        "a video": b"\0\0\0\x18ftypmp42" + bytes(100),
    }.items():
        yield name, content, Unseen.NO_PICTURE
    yield "half of a WebP", b"RIFF\x20\0\0\0WEBPVP8 " + bytes(10), Unseen.BROKEN
    yield "a black wall of as many pixels as may be", png(4_000, 4_000), Unseen.PLAIN
    yield "a photo", photo, None


async def test_a_corpus_of_bombs_torsos_and_things_in_a_dress(tmp_path: Path) -> None:
    files = list(corpus())
    assert len(files) >= 50
    wrong, grown, known = [], [0], 0
    async with Looking() as process:
        for name, content, why in files:
            path = tmp_path / hashlib.sha256(content).hexdigest()
            path.write_bytes(content)
            seen = await process.look(path, path.name)
            if why is None:
                assert isinstance(seen, Picture), name
                grown.append(_rss(process) - known)
            elif seen != why:
                wrong.append((name, seen))
            known = known or _rss(process)
    assert wrong == []
    assert max(grown) <= 100 * MB
    names = {hashlib.sha256(content).hexdigest() for _, content, _ in files}
    assert _names(tmp_path) == names


@pytest.mark.parametrize("fatal", ["while True: pass", "bytearray(600 << 20)"])
async def test_a_process_that_dies_of_a_picture_takes_no_other_with_it(
    fatal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, script = tmp_path / "good", tmp_path / "script.py"
    good.write_bytes(jpeg(made(1)))
    assert SOURCE.count("picture.load()") == 1
    worse = SOURCE.replace("picture.load()", fatal).replace("CPU_S = 5", "CPU_S = 0")
    script.write_text(worse)
    monkeypatch.setattr(looking, "_SCRIPT", script)
    async with Looking() as process:
        assert await process.look(good, "0" * 64) is Unseen.TOO_COSTLY
        await process._end()
        monkeypatch.setattr(looking, "_SCRIPT", Path(picture.__file__))
        assert isinstance(await process.look(good, "0" * 64), Picture)


async def test_the_process_is_kept_for_the_next_picture_and_ends_when_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture"
    path.write_bytes(jpeg(made(1)))
    async with Looking() as looks:
        await looks.look(path, "0" * 64)
        first = looks._process
        await looks.look(path, "0" * 64)
        assert looks._process is first
        monkeypatch.setattr(looking, "KEPT_S", 0.0)
        await looks.look(path, "0" * 64)
        assert first is not None
        await first.wait()
        monkeypatch.undo()
        assert isinstance(await looks.look(path, "0" * 64), Picture)
        assert looks._process is not first


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _rss(process: Looking) -> int:
    """The most memory that the process has had, in bytes."""
    assert process._process is not None
    status = Path(f"/proc/{process._process.pid}/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])
