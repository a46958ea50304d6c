"""S2 to S5, S8: what is typed, what is shown, what is kept to oneself, who may do what."""

from __future__ import annotations

import asyncio
import random
import string
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from aiogram.types import Update
from babel.messages.pofile import read_po
from sqlalchemy import select

from bot.domain.cases import Party, Refused, Role
from bot.playground.entities import read_text
from bot.playground.story import STORY
from bot.screens.cases import card
from bot.services.links import invitation_parameter
from bot.texts import LOCALES, Texts, Value, joined
from handlers.switchboard import Switchboard
from handlers.tree import FLAG, Untagged, check_tree
from storage import tables
from storage.backup import back_up
from storage.unit import StoredUnit
from tests.screens.scenes import CATALOGUES, LANGUAGES, READERS, SCENES, view
from tests.torture.books import Books
from tests.torture.plan import Plan
from tests.torture.run import run
from tests.torture.scenario import QUARREL
from tests.torture.trial import BOTH, Report, Setting, Trial, awaited
from tests.torture.wall import Blows, Kind
from tests.world import SELLER, World, order, world

BATCH = 500
PREFIXES = "mpocsaktqebxlriv"
_WILD = string.printable + "٣Ⅷé\u202e\x00\ud800½ａ:::____++--00"


# ------------------------------------------------------------------------------ S2: nonsense


def nonsense(chance: random.Random) -> Iterator[str]:
    """Callback data and start payloads that no button and no link has."""
    seeds = ("a:1:1:approve", "k:1:1:refund", "q:reason:defective", "o:1001", "s:1001:0", "m:home",
             "p:returns:8", "c:1", "t:1:RR123456785AZ", "i:" + "A" * 22, "v:seller:acme",
             "l:ru", "r:admin", "e:reason", "b:reason", "x:return")  # fmt: skip
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
    """Strangers press and start anything: nothing is raised, no case, order or role changes."""
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
    changed = effects.changes or effects.claims or effects.redeems or effects.told
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


# ------------------------------------------------------------------------------ S4: payloads

_PIECES = (
    "<b>", "</b>", "<a href='https://evil.example'>", "</blockquote>", "&lt;", "&#60;", "&",
    "<tg-time unix='1'>", "\u202e", "\u2066", "@evil_bot", "https://evil.example", "tg://user?id=1",
    "/approve", "{name}", "{0}", "%s", "\x00", "\n", "<", ">", '"', "'", "`", "*", "_", "~", "||",
    "<script>", "<!--", "]]>", "<span class='tg-spoiler'>", "𝕏", "👩‍👩‍👧", "a" * 300, "\ud83d",
)  # fmt: skip
_LINKS = {"mention", "url", "email", "phone_number", "bot_command", "hashtag", "cashtag"}
"""What Telegram finds in any text by itself: no markup of ours."""


async def _payloads(setting: Setting) -> Report:
    """Whatever a customer writes, every text is whole, and no markup comes from the words."""
    report, chance, cards, sentences = Report(), random.Random(setting.seed), 0, 0
    scenes, templates = list(SCENES), _templates()
    for number in range(setting.size):
        payload = "".join(chance.choices(_PIECES, k=chance.randrange(1, 9)))
        payload = payload.encode("utf-8", "ignore").decode()
        language = LANGUAGES[number % len(LANGUAGES)]
        way = chance.choice(tuple(_WAYS))
        texts: list[tuple[Callable[..., str], tuple[Hashable, ...]]] = [
            (_sentence, (template, way, language)) for template in templates
        ]
        sentences += len(texts)
        # Each payload meets some of the scenes, each scene some of the payloads.
        for scene in chance.sample(scenes, min(len(scenes), 4)):
            texts += [(_card, (scene, reader, language)) for reader in READERS]
            cards += len(READERS)
        for text, of in texts:
            try:
                kinds = _markup(text(*of, payload))
            except Exception as error:
                report.faults.append(f"{of}: {error} with {payload!r}")
                continue
            if strange := kinds - _harmless(text, of):
                report.faults.append(f"{of}: {strange} comes from {payload!r}")
    report.seen = (
        f"{cards:,} cards of {len(scenes)} scenes and {sentences:,} renderings of "
        f"{len(templates)} sentences, every one whole"
    )
    return report


def _card(scene: str, reader: Party, language: str, words: str) -> str:
    """The card of a scene whose customer has told this."""
    t = CATALOGUES.texts(language, "Asia/Almaty")
    return card(view(scene, reader, story=words), t).text


_WAYS: Mapping[str, Callable[[Texts, str], Value]] = {
    "as it is": lambda _, words: words,
    "quoted": Texts.quote,
    "bold": Texts.bold,
    "to copy": Texts.code,
}


def _sentence(template: tuple[str, ...], way: str, language: str, words: str) -> str:
    """The sentence in all its forms, with these words as each of its values, below another."""
    t = CATALOGUES.texts(language)
    value = _WAYS[way](t, words)
    names = {name for each in template for _, name, *_ in Formatter().parse(each) if name}
    values: dict[str, Any] = dict.fromkeys(names, value)
    if len(template) == 1:
        return joined(("…", t(*template, **values)))
    singular, plural = template
    values.pop("count", None)
    return joined(("…", *(t.n(singular, plural, count, **values) for count in (1, 2, 5))))


@cache
def _harmless(text: Callable[..., str], of: tuple[Hashable, ...]) -> Counter[tuple[str, str]]:
    """The markup of this text with a harmless word."""
    return _markup(text(*of, "x"))


def _templates() -> list[tuple[str, ...]]:
    """Every sentence with values, with its plural where it has one."""
    with (LOCALES / "messages.pot").open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    every = [(id,) if isinstance(id, str) else tuple(id) for id in ids]
    return [each for each in every if "{" in each[0]]


def _markup(text: str) -> Counter[tuple[str, str]]:
    """How often a text that Telegram parses has which markup, with where links lead."""
    return Counter(
        (entity["type"], str(entity.get("url", "")))
        for entity in read_text(text, "HTML", None)[1]
        if entity["type"] not in _LINKS
    )


# ------------------------------------------------------------------------------- S5: canaries

CANARY = "4242424242:CANARYcanaryCANARYcanaryCANARYcanary1"
KILLS = 20
"""In one story."""
STRIDE = 97
_FAILING: Mapping[str, Kind] = {"failing statements": "statement", "failing calls": "call"}


def _canaries(setting: Setting) -> Report:
    """Stories at DEBUG that are killed, whose statements fail and whose calls fail: the token is
    in no file, the phone and the words are in no log."""
    report, logged, looked = Report(), 0, 0
    words = (CANARY, CANARY.partition(":")[2], STORY["en"][:20], "coffee stains", "never used it",
             "what a leaking mug", "+79161234567", "+7916")  # fmt: skip
    for number in range(max(1, setting.size // KILLS)):
        seed = setting.seed + number
        for name in ("kills", *_FAILING):
            here, url = setting.place(f"{name}-{number}"), setting.fresh()
            if name == "kills":
                planned = QUARREL.plan(seed, KILLS, rough=True)
            else:
                kind, first = _FAILING[name], 1 + seed % STRIDE
                planned = Plan(seed, {}, {}, blows=Blows(kind, "fails", first, STRIDE, str(here)))
            story = run(url, here, setting.launcher, QUARREL, planned, token=CANARY, level="DEBUG")
            outcome = asyncio.run(story)
            report.faults += [str(outcome)] if outcome.faults else []
            log = (here / "program.log").read_text(errors="replace")
            logged += len(log)
            report.faults += [f"{word!r} is in the log of {name}" for word in words if word in log]
            backup = here / "backup.db"
            asyncio.run(back_up(url, backup))
            database = Path(url.removeprefix("sqlite:///"))
            for path in (*here.rglob("*"), *database.parent.glob(f"{database.name}*")):
                if path.is_file():
                    looked += 1
                    held = CANARY.partition(":")[2].encode() in path.read_bytes()
                    report.expect(not held, f"the token is in {path.name} of {name}")
            report.expect(
                b"coffee stains" in backup.read_bytes(), f"the backup of {name} holds nothing"
            )
    report.expect(logged > 3_000, f"the logs have {logged} characters only")
    report.seen = f"{logged:,} characters of log at DEBUG, {looked} files, 0 canaries"
    return report


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
        name="payloads",
        goals="S4",
        what="what customers write, on every card and in every sentence, through a strict parser",
        size=250,
        most=1_000,
        unit="payloads",
        run=awaited(_payloads),
    ),
    Trial(
        name="canaries",
        goals="S5",
        what="no token in a file, no phone or words in logs, of stories that are killed and fail",
        size=20,
        most=200,
        unit="kills",
        run=_canaries,
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
