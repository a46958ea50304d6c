"""S2, S3, S8: what is typed and pressed by those who may not, and who may do what."""

from __future__ import annotations

import asyncio
import random
import string
from collections import Counter
from collections.abc import Iterator

from aiogram.types import Update
from sqlalchemy import select

from bot.domain.cases import Refused, Role
from bot.services.links import invitation_parameter
from handlers.switchboard import Switchboard
from handlers.tree import FLAG, Untagged, check_tree
from storage import tables
from storage.unit import StoredUnit
from tests.torture.books import Books
from tests.torture.trial import BOTH, Report, Setting, Trial, awaited
from tests.world import SELLER, World, order, world

BATCH = 500
PREFIXES = "mpocsaktqebxlriv"
_WILD = string.printable + "٣Ⅷé\u202e\x00\ud800½ａ:::____++--00"


# ------------------------------------------------------------------------------ S2: nonsense


def nonsense(chance: random.Random) -> Iterator[str]:
    """Callback data and start payloads that no button and no link has."""
    seeds = ("a:1:1:approve", "k:1:1:refund", "q:reason:defective", "o:1001", "s:1001:0", "m:home",
             "p:returns:8", "c:1", "t:1:RR123456785AZ", "i:" + "A" * 22, "v:seller:acme",
             "l:ru", "r:admin", "e:reason", "b:reason", "x:return",
             "fo:1001", "au:1:1:8", "di:1:1", "bo:1", "bk:1:lift", "se:acme", "mo:acme:1:30",
             "am:acme:1", "mi:1001:0:1:0:1", "mf:1001", "de:1:back", "g:1", "w:1", "n:1", "d:1",
             "gr:1", "z:1:D-07", "f:acme:1", "j:acme:1", "u:1:5", "y:1", "h:1001", "mr:month",
             "sa:acme", "st:month:acme", "tr:1:confirm", "df:1:outcome:0", "rf:abc")  # fmt: skip
    numbers = ("+1", "01", "1_0", " 1", "1.0", "-1", "1e3", str(2**63), "9" * 23, "٣", "", "0x1")
    while True:
        data = chance.choice(seeds)
        match chance.randrange(5):
            case 0:
                data = data.replace("1", chance.choice(numbers), 1)
            case 1:
                at = chance.randrange(len(data) + 1)
                data = data[:at] + chance.choice(_WILD) + data[at + chance.randrange(2) :]
            case 2:
                data = chance.choice(PREFIXES) + ":" * chance.randrange(1, 5) + data[2:]
            case 3:
                data = "".join(chance.choices(_WILD, k=chance.randrange(1, 64)))
            case _:
                data = data[: chance.randrange(len(data))] * chance.randrange(1, 3)
        yield data.encode("utf-8", "ignore")[:64].decode("utf-8", "ignore")


async def _fuzz(setting: Setting) -> Report:
    """Strangers press and start anything: nothing is raised, nothing but their own form changes."""
    report, chance = Report(), random.Random(setting.seed)
    outcomes: Counter[str] = Counter()
    async with world(await setting.database(), setting.folder) as w:
        anna = await w.customer("Anna", order())
        await w.seller()
        await w.ask(anna)
        source = nonsense(chance)
        for at in range(0, setting.size, BATCH):
            async with w.running.memory.group() as group:
                texts = [next(source) for _ in range(min(BATCH, setting.size - at))]
                results = await asyncio.gather(
                    *(_fed(w, group.unit(w.clock()), text, at + n) for n, text in enumerate(texts)),
                    return_exceptions=True,
                )
            for text, result in zip(texts, results, strict=True):
                if isinstance(result, BaseException):
                    report.faults.append(f"{text!r} raises {result!r}")
                else:
                    outcomes[result] += 1
                    report.expect(result != "changed", f"{text!r} changes something")
    report.seen = ", ".join(f"{number:,} {name}" for name, number in outcomes.most_common())
    return report


async def _fed(w: World, unit: StoredUnit, text: str, id: int) -> str:
    user = {"id": 8_000_000_001, "is_bot": False, "first_name": "M", "language_code": "en"}
    chat = {"id": user["id"], "type": "private"}
    message = {"message_id": 5, "date": 0, "chat": chat}
    if id % 2:
        press = {"id": str(id), "from": user, "chat_instance": "1", "data": text}
        raw = {"update_id": id + 1, "callback_query": press | {"message": message}}
    else:
        raw = {"update_id": id + 1, "message": message | {"from": user, "text": f"/start {text}"}}
    update = Update.model_validate(raw, context={"bot": w.running.bot})
    try:
        await w.running.dispatcher.feed_update(w.running.bot, update, unit=unit, now=unit.now)
    except Refused:
        return "refused"
    effects = unit.effects
    own = {("account", user["id"]), ("draft", user["id"])}
    changes = (effects.changes, effects.claims, effects.redeems, effects.told)
    changed = any(changes) or effects.keyed.keys() - own
    return "changed" if changed else "answered"


# --------------------------------------------------------------------------- S3: invitations


async def _invitations(setting: Setting) -> Report:
    """So many press the same invitation at once: one comes in. Used, late and foreign: nobody."""
    report = Report()
    async with world(await setting.database(), setting.folder) as w:
        people = [w.telegram.add_person(f"P{n}", "en") for n in range(setting.size)]
        for person in people:
            person.start()
        await w.settle()
        token = await w.invite(Role.SELLER, SELLER)
        for person in people:
            person.forge_press(f"i:{token}", person.last.id)
        await w.settle()
        await _members(w, report, 1, f"{setting.size} at once")
        late = await w.invite(Role.MODERATOR)
        await w.later(days=8)
        people[0].start(invitation_parameter(late))
        people[1].forge_press(f"i:{late}", people[1].last.id)
        people[2].forge_press(f"i:{token}", people[2].last.id)
        people[3].forge_press("i:" + "A" * 22, people[3].last.id)
        await w.settle()
        await _members(w, report, 1, "late, used and invented ones")
        books = Books(w.running.settings.database_url)
        rows = await books.rows(select(tables.invitations))
        kept = sum(token in repr(row) or late in repr(row) for row in rows)
        report.expect(not kept, "an invitation is stored in clear")
        await books.close()
    report.seen = f"1 of {setting.size} came in; 0 with what is late, used or invented"
    return report


async def _members(w: World, report: Report, expected: int, when: str) -> None:
    books = Books(w.running.settings.database_url)
    rows = await books.rows(select(tables.memberships).where(tables.memberships.c.role != "admin"))
    await books.close()
    report.expect(len(rows) == expected, f"{when}: {len(rows)} came in")


# ------------------------------------------------------------------------------------ S8: tags


async def _tags(setting: Setting) -> Report:
    """Every handler of the program names its roles; without one of the flags it does not start."""
    report, handlers = Report(), 0
    async with world(await setting.database(), setting.folder) as w:
        tree = w.running.dispatcher
        assert isinstance(tree, Switchboard)
        check_tree(tree)
        for kind, observer in tree.observers.items():
            for handler in observer.handlers if kind not in ("update", "error") else ():
                handlers += 1
                kept = handler.flags.pop(FLAG)
                try:
                    check_tree(tree)
                    report.faults.append(f"{handler.callback} starts without a role")
                except Untagged:
                    pass
                handler.flags[FLAG] = kept
        check_tree(tree)
    report.expect(handlers >= setting.size, f"there are {handlers} handlers only")
    report.seen = f"{handlers} handlers, each stops the start without its role"
    return report


TRIALS = (
    Trial(
        name="fuzz",
        goals="S2",
        what="nonsense pressed and started: nothing raised, nothing changed",
        size=20_000,
        most=100_000,
        unit="strings",
        run=awaited(_fuzz),
    ),
    Trial(
        name="invitations",
        goals="S3",
        what="many with one invitation: one comes in; late, used, invented: nobody",
        size=100,
        most=100,
        unit="at once",
        run=awaited(_invitations),
        on=BOTH,
    ),
    Trial(
        name="tags",
        goals="S8",
        what="every handler has a role, or the program does not start",
        size=40,
        most=40,
        unit="handlers",
        run=awaited(_tags),
    ),
)
