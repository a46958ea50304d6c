"""Files: what people and the bot send, by file id; sizes of pictures; a sample photo."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from typing import Literal

from bot.playground.wire import ApiError, Json, bad_request

MAX_DOWNLOAD = 20 << 20
MAX_UPLOAD = 50 << 20
MAX_PHOTO = 10 << 20
_SIZES = (("s", 90), ("m", 320), ("x", 800), ("y", 1280), ("w", 2560))

FileKind = Literal["photo", "document", "video"]


@dataclass(frozen=True, slots=True)
class File:
    """One stored file.

    ``unique_id`` stays with the file wherever it is sent again; a new upload gets a new one,
    even of the same bytes. ``size`` (bytes) may exceed ``content`` for files made up for tests.
    """

    id: str
    unique_id: str
    kind: FileKind
    content: bytes = field(repr=False)
    size: int
    name: str
    mime: str
    width: int = 0
    height: int = 0

    @property
    def path(self) -> str:
        """The path that getFile answers with."""
        ending = self.name.rpartition(".")[2] if "." in self.name else "bin"
        return f"{self.kind}s/file_{self.unique_id}.{ending}"


class Files:
    """The store, by file id and by download path."""

    def __init__(self) -> None:
        self._by_id: dict[str, File] = {}
        self._by_path: dict[str, File] = {}
        self._photos: dict[str, list[File]] = {}

    def add(
        self,
        kind: FileKind,
        content: bytes,
        name: str,
        mime: str,
        *,
        size: int | None = None,
        width: int = 0,
        height: int = 0,
    ) -> File:
        serial = f"{len(self._by_id) + 1:06d}"
        unique = "AQAD" + hashlib.sha256(serial.encode()).hexdigest()[:12]
        prefix = {"photo": "AgACAgI", "document": "BQACAgI", "video": "BAACAgI"}[kind]
        file = File(
            f"{prefix}{unique}AAEC{serial}",
            unique,
            kind,
            content,
            len(content) if size is None else size,
            name,
            mime,
            width,
            height,
        )
        self._by_id[file.id] = file
        self._by_path[file.path] = file
        return file

    def add_photo(self, content: bytes) -> list[File]:
        """The photo in Telegram's sizes, smallest first. Every size serves the same bytes.

        Raises `ApiError` 400 for what Telegram does not take as a photo.
        """
        if not content:
            raise bad_request("File must be non-empty")
        if len(content) > MAX_PHOTO:
            raise bad_request(
                f"File of size {len(content)} bytes is too big for a photo; "
                f"the maximum size is {MAX_PHOTO} bytes"
            )
        dimensions = picture_size(content)
        if dimensions is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = dimensions
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        mime = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        ending = mime.partition("/")[2]
        edges = [edge for _, edge in _SIZES if edge < max(width, height)]
        sizes = []
        for edge in [*edges[:3], min(max(width, height), 2560)]:
            scale = edge / max(width, height)
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            share = max(1, round(len(content) * scale * scale))
            sizes.append(
                self.add(
                    "photo",
                    content,
                    f"photo.{ending}",
                    mime,
                    size=share if scale < 1 else None,
                    width=size[0],
                    height=size[1],
                )
            )
        for file in sizes:
            self._photos[file.id] = sizes
        return sizes

    def photo(self, file_id: str) -> list[File]:
        """All sizes of a stored photo, by the id of any of them. Raises `ApiError` 400."""
        self.get(file_id, "photo")
        return self._photos[file_id]

    def get(self, file_id: str, kind: FileKind | None = None) -> File:
        """Raises `ApiError` 400 for an unknown id or another kind of file."""
        file = self._by_id.get(file_id)
        if file is None:
            raise bad_request("Wrong remote file identifier specified: can't unserialize it")
        if kind is not None and file.kind != kind:
            raise bad_request(
                f"Can't use file of type {file.kind.capitalize()} as {kind.capitalize()}"
            )
        return file

    def described(self, file_id: str) -> Json:
        """getFile's answer."""
        file = self._by_id.get(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        if file.size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        return {
            "file_id": file.id,
            "file_unique_id": file.unique_id,
            "file_size": file.size,
            "file_path": file.path,
        }

    def download(self, path: str) -> File:
        """Raises `ApiError` 404 for an unknown path."""
        file = self._by_path.get(path)
        if file is None or file.size > MAX_DOWNLOAD:
            raise ApiError(404, "Not Found")
        return file


def photo_json(sizes: list[File]) -> list[Json]:
    return [
        {
            "file_id": file.id,
            "file_unique_id": file.unique_id,
            "file_size": file.size,
            "width": file.width,
            "height": file.height,
        }
        for file in sizes
    ]


def document_json(file: File) -> Json:
    described: Json = {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_name": file.name,
        "mime_type": file.mime,
    }
    if file.kind == "video":
        described |= {"width": file.width, "height": file.height, "duration": 5}
    return described


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height from the header of a PNG, JPEG, GIF or WebP; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
    elif content.startswith((b"GIF87a", b"GIF89a")) and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
    elif content[:4] == b"RIFF" and content[8:16] == b"WEBPVP8X" and len(content) >= 30:
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
    elif content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    else:
        return None
    return (width, height) if width and height else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return (width, height) if width and height else None
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


_PATCHES = 6
"""In a column; a row has ten."""


def _patched(colour: bytes, patches: bytes, width: int) -> bytes:
    """A row of pixels in ten shades of a colour, half a byte for each."""
    shades = [half for each in patches[:5] for half in (each >> 4, each & 15)]
    ends = [width * (at + 1) // 10 for at in range(10)]
    return b"".join(
        bytes(value * (24 - shade) // 24 for value in colour) * (end - start)
        for shade, start, end in zip(shades, [0, *ends], ends, strict=False)
    )


def sample_photo(number: int, width: int = 320, height: int = 240) -> bytes:
    """A PNG of a taped parcel before a patched wall: other patches and another tint each time.

    So two of them look alike to nobody who compares photos.
    """
    hue = number * 47 % 192
    patches = hashlib.sha256(b"sample %d" % number).digest()
    wall = bytes((200 - hue // 4, 210, 190 + hue // 4))
    floor = bytes((120, 110 - hue // 6, 100))
    side = bytes((176 - hue // 5, 128 + hue // 6, 84))
    tape = bytes((236, 220, 170))
    left = width * (1 + patches[-1] % 5) // 10
    right = left + width // 2
    top = height * (1 + patches[-2] % 4) // 8
    middle = tape * (width // 16)
    half = side * ((right - left) // 2 - width // 32)
    rows = bytearray()
    for y in range(height):
        back = wall if y < height * 2 // 3 else floor
        behind = _patched(back, patches[y * _PATCHES // height * 5 :], width)
        if top <= y < top + height // 2:
            parcel = half + middle + half
            row = behind[: left * 3] + parcel + behind[left * 3 + len(parcel) :]
        else:
            row = behind
        rows += b"\0" + row
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"tEXt", b"Comment\0sample %d" % number),
        (b"IDAT", zlib.compress(bytes(rows), 1)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
