"""Every command, every menu place, every list and every button, and who is let in (S1).

The rows are the program's own: of what its handlers listen to, nothing may lack a line here. What
an action of a return allows to whom is a table of its own (`tests/torture/forgery.py`).
"""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import Update

from bot.domain.cases import Refused
from bot.screens import buttons
from bot.screens.buttons import Menu, Paged, To
from bot.screens.screen import Screen
from bot.services.records import Seller
from handlers.filters import Asks, PagedTo
from storage.unit import StoredUnit
from tests.databases import SqliteFiles
from tests.stories.test_policy import WEEK, tried
from tests.stories.test_withholdings import deducted
from tests.world import World, order, world

ALL = "customer other blocked stranger seller colleague rival moderator admin"
SHOPS, SHOP, STAFF = "seller colleague rival", "seller colleague", "moderator admin"
PARTIES = f"customer {SHOP} {STAFF}"
WORK = f"{SHOPS} {STAFF}"
DENIED = {"not_your_role", "not_found"}
"""The refusals that say nothing but "this is not yours"; others come after the door."""
NOT_THERE = "999999"

Row = tuple[str, str]
"""What is pressed or typed, and who is let in; `!` stands before what also exists as nobody's."""
PLACES: Mapping[str, str] = {
    "home orders returns help language role phone number support missing appeal": ALL,
    "queue report deductions": WORK,
    "address settings team": SHOPS,
    "refunds health find staff more blocks sellers import simulate stats": STAFF,
    "invite": f"{SHOPS} admin",
    "audit rules try_rules": "admin",
}
LISTS: Mapping[str, str] = {
    "orders returns": ALL,
    "queue deductions": WORK,
    "refunds find blocks sellers stats": STAFF,
}
BUTTONS: Mapping[str, Row] = {
    # a return
    "c": ("!1", PARTIES), "g": ("!1", PARTIES), "w": ("!1", PARTIES), "n": ("!1", PARTIES),
    "gr": ("!1", PARTIES), "d": ("!1", PARTIES), "z": ("!1:D-07", PARTIES),
    "a": ("!1:3:withdraw", PARTIES), "k": ("!1:3:withdraw", PARTIES),
    "u": ("!1:5", "customer"), "y": ("!1", "customer"), "t": ("!1:RR123456785AZ", PARTIES),
    # an order
    "o": ("!1001", "customer"), "s": ("!1001:0", "customer"), "h": ("!1001", "customer"),
    "fo": ("1001", STAFF), "mf": ("1001", STAFF), "mi": ("1001:0:1:0:0", STAFF),
    # a seller
    "f": ("!acme:0", SHOP), "j": ("!acme:0", SHOP), "am": ("!acme:1", SHOP),
    "sp": ("!acme:0:-", SHOP), "ap": ("!acme", SHOP),
    "v": ("seller:acme", f"{SHOP} admin"), "se": ("acme", STAFF), "sa": ("acme", STAFF),
    "st": ("month:acme", STAFF), "mo": ("acme:1:30", STAFF), "mr": ("month", WORK),
    "de": ("!1:open", f"{SHOP} {STAFF}"),
    # people
    "au": ("0:0:0", "admin"), "di": ("{moderator}:0", "admin"), "bo": ("{other}", STAFF),
    "bk": ("1:open", STAFF),
    # the rules
    "tr": ("1:open", "admin"), "df": ("1:outcome:0", "admin"), "rf": ("{digest}", "admin"),
    # oneself, and forms of which none is open
    "l": ("ru", ALL), "r": ("admin", "admin"), "i": ("A" * 22, ALL),
    "q": ("reason:used", ALL), "e": ("reason", ALL), "b": ("reason", ALL), "x": ("action", ALL),
}  # fmt: skip
COMMANDS: Mapping[str, str] = {
    "start menu help language role cancel orders returns appeal": ALL,
    "return !1": PARTIES,
    "queue deductions": WORK,
    "report address settings team": SHOPS,
    "invite": f"{SHOPS} admin",
    "refunds health find more staff blocks unblock sellers import simulate stats": STAFF,
    "block 1001": STAFF,
    "missing 1001": STAFF,
    "export 1": STAFF,
    "decide 1": STAFF,
    "reopen 1": STAFF,
    "ask 1": STAFF,
    "audit policy": "admin",
    "override 1": "admin",
}


@dataclass(frozen=True)
class Crowd:
    """The stage, with somebody of every kind on it: the name is the kind."""

    w: World
    ids: Mapping[str, int]

    async def outcome(self, who: str, update: dict[str, Any], unit: StoredUnit) -> str:
        """The code of a refusal, or `in`."""
        id = self.ids[who]
        return await self.fed(id, update, {"id": id, "type": "private"}, unit)

    async def fed(
        self, id: int, update: dict[str, Any], chat: Any, unit: StoredUnit, *, bot: bool = False
    ) -> str:
        """The same of somebody in any chat; `nothing` if nobody listens."""
        user = {"id": id, "is_bot": bot, "first_name": "Somebody", "language_code": "en"}
        message = {"message_id": 5, "date": 0, "chat": chat}
        if "data" in update:
            press = {"id": "1", "from": user, "chat_instance": "1", "data": update["data"]}
            raw: dict[str, Any] = {"callback_query": press | {"message": message}}
        else:
            raw = {"message": message | {"from": user} | update}
        running = self.w.running
        event = Update.model_validate({"update_id": 1, **raw}, context={"bot": running.bot})
        try:
            found = await running.dispatcher.feed_update(
                running.bot, event, unit=unit, now=unit.now, username="return_desk_bot"
            )
        except Refused as refused:
            return refused.code
        effects = unit.effects
        kept = effects.changes or effects.keyed or effects.rows
        return "in" if kept or isinstance(found, Screen | tuple) else "nothing"


@pytest.fixture
async def crowd(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[Crowd]:
    """A dispute between customer and seller, a deduction, a block, and all who are around."""
    async with world(sqlite_files.make(tmp_path), tmp_path) as w:
        anna, emre = await deducted(w)
        await w.press(anna, "Open the order", "Return products", "Coffee mug", "Done")
        await w.press(anna, "I changed my mind", "Skip")
        await w.show(anna)
        await w.press(anna, "Done", "Send")
        await w.press(emre, "Reject", "The product was used")
        await w.say(emre, "There are coffee stains inside.")
        await w.press(emre, "Skip", "Yes: Reject")
        await w.press(anna, "Open a dispute", "Something else")
        await w.say(anna, "I have never used it.")
        await w.press(anna, "Skip")
        other = await w.customer("Boris", order("2001"))
        blocked = await w.customer("Clara", order("3001"))
        await w.say(w.owner, "/block 3001")
        await w.press(w.owner, "90 days")
        await w.say(w.owner, "The same photo in four returns.")
        await w.press(w.owner, "Yes, stop them")
        people = {
            "customer": anna,
            "other": other,
            "blocked": blocked,
            "seller": emre,
            "colleague": await w.seller("Ayla"),
            "rival": await w.seller("Ravi", seller=Seller(code="rival")),
            "moderator": await w.moderator("Ivan"),
            "admin": w.owner,
        }
        await tried(w, w.owner, WEEK)
        yield Crowd(w, {**{kind: each.id for kind, each in people.items()}, "stranger": 4_444})


def listened() -> Iterator[str]:
    """Everything that can be pressed or typed, by the program's own lists."""
    kinds = [each for _, each in inspect.getmembers(buttons, inspect.isclass)]
    for kind in kinds:
        if issubclass(kind, CallbackData) and kind not in (CallbackData, Menu, Paged):
            yield kind.__prefix__
    yield from (f"m:{to}" for to in To)


def told(w: World) -> Iterator[str]:
    """Every command and every list that a handler listens to."""
    for observer in w.running.dispatcher.observers.values():
        for handler in observer.handlers:
            for each in handler.filters or ():
                if isinstance(each.callback, Asks):
                    yield f"/{each.callback.command}"
                elif isinstance(each.callback, PagedTo):
                    yield f"p:{each.callback.list}"


def rows() -> dict[str, tuple[str, str, str]]:
    """Name → what is pressed or typed, the same of nothing that there is, who is let in."""
    found: dict[str, tuple[str, str, str]] = {}
    for words, who in PLACES.items():
        found |= {f"m:{to}": (f"m:{to}", "", who) for to in words.split()}
    for words, who in LISTS.items():
        found |= {f"p:{each}": (f"p:{each}:0", "", who) for each in words.split()}
    for prefix, (value, who) in BUTTONS.items():
        found[prefix] = (*_both(f"{prefix}:{value}"), who)
    for words, who in COMMANDS.items():
        for each in [words] if words[-1].isdigit() else words.split():
            found["/" + each.split()[0]] = (*_both(f"/{each}"), who)
    return found


def _both(value: str) -> tuple[str, str]:
    before, mark, after = value.partition("!")
    own, colon, rest = after.partition(":")
    nobodys = NOT_THERE if own.isdigit() else "nobody"
    return before + after, f"{before}{nobodys}{colon}{rest}" if mark else ""


async def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(crowd: Crowd) -> None:
    table = rows()
    assert sorted({*listened(), *told(crowd.w)}) == sorted(table)
    wrong, seen, w = list[str](), Counter[str](), crowd.w
    async with w.running.memory.group() as group:

        async def outcomes(said: str) -> dict[str, str]:
            update = _update(said.format(**crowd.ids, digest=w.running.desk.policy.digest[:8]))
            found = (crowd.outcome(who, update, group.unit(w.clock())) for who in ALL.split())
            return dict(zip(ALL.split(), await asyncio.gather(*found), strict=True))

        for said, nobodys, allowed in table.values():
            there, nowhere = await outcomes(said), await outcomes(nobodys) if nobodys else {}
            for who, found in there.items():
                seen["in" if found not in DENIED else found] += 1
                if (found not in DENIED) is not (who in allowed.split()):
                    wrong.append(f"{who}, {said}: {found}")
                elif found in DENIED and found != nowhere.get(who, found):
                    wrong.append(f"{who} is told {found} of {said}, not of {nobodys}")
    assert wrong == []
    assert (await _turned_away(crowd)).keys() == {"nothing"}
    assert min(seen["in"], seen["not_your_role"], seen["not_found"]) > 50


async def _turned_away(crowd: Crowd) -> Counter[str]:
    """What becomes of all that a bot, an anonymous admin, and an admin in a group press."""
    found, w, admin = Counter[str](), crowd.w, crowd.ids["admin"]
    group, alone = (
        {"id": -1_002_000_000_001, "type": "supergroup"},
        {"id": admin, "type": "private"},
    )
    async with w.running.memory.group() as units:
        for said, _, _ in rows().values():
            update = _update(said.format(**crowd.ids, digest=w.running.desk.policy.digest[:8]))
            found[await crowd.fed(admin, update, alone, units.unit(w.clock()), bot=True)] += 1
            found[await crowd.fed(1_087_968_824, update, group, units.unit(w.clock()))] += 1
            if "data" in update:
                found[await crowd.fed(admin, update, group, units.unit(w.clock()))] += 1
    return found


def _update(said: str) -> dict[str, Any]:
    return {"text": said} if said.startswith("/") else {"data": said}


def test_no_two_buttons_begin_alike() -> None:
    prefixes = Counter(
        kind.__prefix__
        for _, kind in inspect.getmembers(buttons, inspect.isclass)
        if issubclass(kind, CallbackData) and kind is not CallbackData
    )
    assert [prefix for prefix, times in prefixes.items() if times > 1] == []
