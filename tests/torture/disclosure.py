"""S4, S5: what customers write stays words, and what is nobody's business stays inside."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.pofile import read_po

from bot.domain.cases import Party
from bot.playground.entities import read_text
from bot.playground.story import STORY
from bot.screens.cases import card
from bot.texts import LOCALES, Texts, Value, joined
from storage.backup import back_up
from tests.screens.scenes import CATALOGUES, LANGUAGES, READERS, SCENES, view
from tests.torture.plan import Plan
from tests.torture.run import run
from tests.torture.scenario import QUARREL
from tests.torture.trial import Report, Setting, Trial, awaited
from tests.torture.wall import Blows, Kind

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
    report.seen = f"{logged:,} characters of log at DEBUG, {looked} files"
    return report


TRIALS = (
    Trial(
        name="payloads",
        goals="S4",
        what="what customers write, on every card and in every sentence, through a strict parser",
        size=100,
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
)
