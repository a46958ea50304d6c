"""S6: whatever is sent as a picture, the program looks at none above the cap and goes on."""

from __future__ import annotations

import hashlib
import random
import resource
from collections import Counter
from collections.abc import Iterator
from functools import partial

from bot.services.ports import Unit
from bot.services.records import File, Unseen
from bot.workers.looking import Looking
from tests.pictures import jpeg, picture
from tests.torture.trial import Report, Setting, Trial, awaited
from tests.workers.test_looking import corpus, png
from tests.world import order, world

MOST_GROWN = 100 << 20


def _spoiled(chance: random.Random) -> bytes:
    """A photo with a few bytes changed, cut out, doubled or left off."""
    content = bytearray(chance.choice(_WHOLE))
    for _ in range(chance.randrange(1, 5)):
        # Most of what a decoder believes stands in the first bytes.
        at = chance.randrange(chance.choice((32, 700, len(content), len(content))))
        match chance.randrange(4):
            case 0:
                content[at : at + 1] = chance.randbytes(1)
            case 1:
                content[at : at + chance.randrange(1, 9)] = b""
            case 2:
                content[at:at] = content[at : at + chance.randrange(1, 400)]
            case _:
                content[at : at + 2] = b"\xff\xff"
    cut = chance.randrange(4) == 0
    return bytes(content[: chance.randrange(100, len(content)) if cut else None])


_WHOLE = (jpeg(picture(1)), jpeg(picture(2), 30), png(300, 200))


def _sent(setting: Setting) -> Iterator[tuple[str, bytes, Unseen | None, bool]]:
    """(name, bytes, why it cannot be looked at, whether that is known)."""
    for name, content, why in corpus():
        if content:  # Telegram takes no empty file
            yield name, content, why, True
    chance = random.Random(setting.seed)
    for number in range(setting.size):
        yield f"spoiled {number}", _spoiled(chance), None, False


async def _pictures(setting: Setting) -> Report:
    """Each is evidence, with how it looks or why nobody can say; and people are served after it."""
    report, reasons = Report(), Counter[str]()
    files = {f"p-{n}": each for n, each in enumerate(_sent(setting))}
    async with world(await setting.database(), setting.folder) as w:
        anna = await w.customer("Anna", order())
        for key, (_, content, *_) in files.items():
            stored = w.telegram.files.add("photo", content, "photo.jpg", "image/jpeg")
            row = File(key=key, file_id=stored.id, kind="photo", sent_at=w.clock())
            await w.keep(partial(_keep, row))
        before = _grown()
        async with Looking() as looking:
            while await w.running.evidence.fetch(looking):
                pass
        report.expect(_grown() - before <= MOST_GROWN, "the program has grown by 100 MB")
        async with w.running.memory.reading(w.clock()) as unit:
            known = {file.key: file for file in await unit.files.get([*files])}
        for key, (name, content, why, sure) in files.items():
            seen = known[key]
            reasons[str(seen.unseen or "looked at")] += 1
            settled = (seen.picture is None) != (seen.unseen is None)
            report.expect(settled, f"{name} is neither looked at nor told why not")
            report.expect(seen.unseen is why or not sure, f"{name}: {seen.unseen} and not {why}")
            digest = hashlib.sha256(content).hexdigest()
            report.expect(seen.sha256 == digest, f"{name} is kept as something else")
        await w.ask(anna)
        report.expect((await w.case()).id == 1, "nobody is served any more")
    report.expect(reasons["looked at"] > setting.size // 20, "hardly a spoiled photo was looked at")
    report.seen = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    return report


def _keep(row: File, unit: Unit) -> None:
    unit.files.keep(row)


def _grown() -> int:
    """The most memory that this process has had, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


TRIALS = (
    Trial(
        name="pictures",
        goals="S6",
        what="bombs, torsos, things in a dress and spoiled photos, through the whole program",
        size=150,
        most=5_000,
        unit="spoiled photos",
        run=awaited(_pictures),
    ),
)
