"""The folder of evidence: a file lies under the SHA-256 of its bytes, and never changes."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Set
from pathlib import Path

YOUNG_S = 3600
"""A file may be there for so long before anything is known of it."""
PREFIXES = tuple(f"{number:02x}" for number in range(256))
"""The names of the folders within."""

_OURS = re.compile(r"[0-9a-f]{64}|[0-9a-f]{16}\.part")


def place(folder: Path, digest: str) -> Path:
    """Where the file with this SHA-256 lies."""
    return folder / digest[:2] / digest


def strangers(folder: Path, prefix: str, known: Set[str]) -> tuple[Set[str], Set[Path]]:
    """Of the files under this prefix: known digests without one, and files that nobody knows.

    A file is there before its digest is stored, so the newest ones are left out; and so is what
    was never written here: the folder may lie among others' things.
    """
    place = folder / prefix
    there = {path.name: path for path in place.iterdir()} if place.is_dir() else {}
    young = time.time() - YOUNG_S
    strange = {
        path
        for name, path in there.items()
        if name not in known and _OURS.fullmatch(name) and path.stat().st_mtime < young
    }
    return known - there.keys(), strange


def keep(folder: Path, content: bytes) -> str:
    """Write the bytes whole or not at all, for the owner's eyes only. Answers their SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    target = place(folder, digest)
    if target.exists():
        target.touch()
        return digest
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return digest
