"""The record of a case: its history as lines of JSON that anybody can check without us (N-11).

A record carries the chain as it is stored and makes no new one: each event holds what its digest
covers, so that the digests of the database come out again. What the reader may not see stays
sealed: its salted digest stands in its place, and the chain holds all the same. Beside the chain
stand things that it does not cover (the hashes of files, money, what runs now), so each line of
the file also carries a hash over the line before it and over itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.cases import STAFF, ReturnCase, Role, return_number
from bot.domain.money import LedgerLine, Purse
from bot.services.chain import ChainLine, covered, json_line, key_of
from bot.services.records import Archive, File, Letter
from bot.services.verifying import FORMAT, line_hash
from bot.services.views import among_staff

Mask = Callable[[str], str]
"""Takes the ways around the bot out of what another party wrote."""

_PURSES = {Role.CUSTOMER: Purse.CUSTOMER, Role.SELLER: Purse.SELLER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A case with its whole history, for one person in one role."""

    case: ReturnCase
    role: Role
    person: int
    now: datetime
    archive: Archive
    files: Mapping[str, File]
    letters: tuple[Letter, ...] = ()
    """What was written in the room of a dispute, oldest first: to all, whoever may read it."""
    policy: str | None = None
    """The policy of the case in its canonical form; staff only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the history, and of it what the reader may see."""

    line: ChainLine
    person: int | None = None
    """Who it was; None where that stays sealed."""
    facts: Mapping[str, Any] | None = None
    """What was given; None where that stays sealed."""
    text: str | None = None
    photos: tuple[str, ...] = ()
    words: Mapping[str, Any] | None = None
    """The words as the file carries them: whole with their salt, or masked."""
    deleted: bool = False
    """Whether there were words that have been forgotten since."""
    money: tuple[LedgerLine, ...] = ()


def entries(record: Record, mask: Mask) -> tuple[Entry, ...]:
    """The history as the reader may see it, oldest first: the one place that redacts."""
    return tuple(_entry(line, record, mask) for line in record.archive.lines)


def _entry(line: ChainLine, record: Record, mask: Mask) -> Entry:
    staff = record.role in STAFF
    inner = not staff and among_staff(line.event, line.after if line.after != line.before else None)
    kept = record.archive.contents.get(line.seq)
    said: dict[str, Any] = json.loads(kept.body) if kept else {}
    words: Mapping[str, Any] | None = None
    if kept and not inner:
        own = staff or line.by == record.role
        shown = said if own else {name: _masked(value, mask) for name, value in said.items()}
        same = shown == said
        words = {"salt": kept.salt, "body": kept.body} if same else {"masked": shown}
        said = shown
    elif inner:
        said.pop("text", None)
    own_purse = _PURSES.get(record.role)
    return Entry(
        line=line,
        person=line.person if staff or line.person in (0, record.person) else None,
        facts=None if inner else json.loads(line.facts),
        text=said.get("text"),
        photos=tuple(said.get("photos", ())),
        words=words,
        deleted=bool(line.content) and kept is None,
        money=tuple(
            each
            for seq, each in record.archive.ledger
            if seq == line.seq and (own_purse is None or own_purse in (each.to, each.source))
        ),
    )


def letters(record: Record, mask: Mask) -> tuple[Letter, ...]:
    """The letters that the reader wrote or got, those of others masked and as they are now."""
    found = []
    for letter in record.letters:
        own = letter.by == record.role
        if record.role in STAFF or own:
            found.append(letter)
        elif record.role in letter.to:
            found.append(replace(letter, text=mask(letter.text), earlier=()))
    return tuple(found)


def _masked(value: Any, mask: Mask) -> Any:
    return mask(value) if isinstance(value, str) else value


# --------------------------------------------------------------------------- as lines of JSON


def as_json_lines(record: Record, mask: Mask) -> bytes:
    """The record as a file: UTF-8, one JSON object a line, the last of them `end`."""
    previous, lines = "", []
    for said in _objects(record, mask):
        body = json_line(said)
        previous = line_hash(previous, body)
        lines.append(f'{body[:-1]},"hash":"{previous}"}}\n')
    return "".join(lines).encode()


def _objects(record: Record, mask: Mask) -> Iterator[dict[str, Any]]:
    case, lines = record.case, record.archive.lines
    staff = record.role in STAFF
    yield {
        "kind": "head",
        "format": FORMAT,
        "case": case.number,
        "made_at": record.now.isoformat(),
        "made_for": record.role,
        "order": case.order,
        "posting": case.posting,
        "lines": [
            {
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": [line.unit_price.minor, line.unit_price.currency],
            }
            for line in case.lines
        ],
        "policy": case.policy,
        **({"parent": return_number(case.parent)} if case.parent else {}),
        **({"customer": case.customer} if staff else {}),
        **({"seller": case.seller} if record.role is not Role.CUSTOMER else {}),
    }
    if record.policy is not None:
        yield {"kind": "policy", "canonical": record.policy}
    for entry in entries(record, mask):
        yield _event(entry, record, staff)
    for letter in letters(record, mask):
        yield _letter(letter, record)
    yield {
        "kind": "now",
        "version": case.version,
        "status": case.status,
        "goods": case.goods,
        "owes": case.owes,
        "timers": [
            {"kind": each.kind, "since": each.since.isoformat(), "due_at": each.due_at.isoformat()}
            for each in case.timers
        ],
    }
    yield {"kind": "end", "events": len(lines), "head": lines[-1].digest if lines else ""}


def _event(entry: Entry, record: Record, staff: bool) -> dict[str, Any]:
    line = entry.line
    event: dict[str, Any] = {"kind": "event", "digest": line.digest}
    if line.salt:
        event["stored"] = covered(line)
        event["open"] = {
            name: {"key": key_of(line.salt, name), "value": value}
            for name, value, open in (
                ("person", line.person, entry.person is not None),
                ("facts", line.facts, entry.facts is not None),
            )
            if open
        }
    elif staff:
        event["stored"] = covered(line)
    # A party gets of a line without seals its digest alone: the line says who it was.
    if entry.words is not None:
        event["words"] = entry.words
    if entry.photos:
        event["photos"] = [_photo(key, record.files.get(key)) for key in entry.photos]
    if entry.money:
        event["ledger"] = [
            {
                "to": each.to,
                "from": each.source,
                "kind": each.kind,
                "minor": each.amount.minor,
                "currency": each.amount.currency,
                "part": each.part,
            }
            for each in entry.money
        ]
    return event


def _letter(letter: Letter, record: Record) -> dict[str, Any]:
    own = record.role in STAFF or letter.person == record.person
    return {
        "kind": "letter",
        "at": letter.at.isoformat(),
        "by": letter.by,
        "to": list(letter.to),
        "text": letter.text,
        **({"person": letter.person} if own else {}),
        **({"earlier": list(letter.earlier)} if letter.earlier else {}),
        **({"photos": [_photo(key, record.files.get(key)) for key in letter.photos]}
           if letter.photos else {}),
    }  # fmt: skip


def _photo(key: str, file: File | None) -> dict[str, Any]:
    known = {"kind": file.kind, "size": file.size, "sha256": file.sha256} if file else {}
    return {"key": key, **{name: value for name, value in known.items() if value is not None}}


def photo_keys(archive: Archive, letters: Sequence[Letter]) -> Sequence[str]:
    """The keys of all photos in a history and in letters, in order."""
    found: dict[str, None] = {}
    for line in archive.lines:
        kept = archive.contents.get(line.seq)
        found.update(dict.fromkeys(json.loads(kept.body).get("photos", ())) if kept else {})
    for letter in letters:
        found.update(dict.fromkeys(letter.photos))
    return [*found]
