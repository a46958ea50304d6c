"""B-3: people talk to bots over HTTP, 100 at a time, on one exchange and one processor each.

All bots run at once, each a process with its own token; those that nobody talks to sleep in
their poll. A slice is a few seconds of talk with one of them, counted in its steady middle. The
order of the bots is shuffled in every round, and each is compared with the stock bot's slices
right before and after its own: a machine is slower in one minute than in another.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.cases import Role
from bot.services.links import order_parameter
from bot.services.records import Account, Seller
from storage import migrate, tables
from storage.database import open_database
from tests.bench import kept
from tests.bench.lines import Line
from tests.bench.measuring import Figure
from tests.bench.recording import ACTS, recorded
from tests.ports import free_port
from tests.world import order

CHATS = 100
ROUNDS = 12
PEERS_EVERY = 3
"""Of so many rounds the other peers talk in one: their ratios are far from any aim."""
WARM_S = 1.5
SECONDS = 4.0
ORDERS = 40_000
SELLERS = 16
TOGETHER = 5_000
STOCK = "aiogram, memory"
BOTS = "tests.bench.bots"
PEERS = ("python-telegram-bot>=22,<23", "pyTelegramBotAPI>=4.30,<5")


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that can be talked to: its module, and what it is given."""

    name: str
    module: str
    token: str
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    every: int = 1
    """Of so many rounds it talks in one."""


@dataclass(frozen=True, slots=True)
class Talked:
    """A bot in all its rounds: conversations a second, and against the stock bot beside it."""

    name: str
    rate: Figure
    ratio: Figure
    cpu: Figure
    calls: float
    """Calls in a conversation, those to the seller and for files included."""
    wait_ms: float
    """What a person waits in the middle, from a tap to all that answers it."""
    exchange: float
    """How busy the exchange was, of one processor."""


Seen = dict[str, Any]
"""What the exchange says of a slice."""


class Different(Exception):
    """A bot has said something else than the conversation."""


async def prepared(urls: Iterable[str], folder: Path, orders: int = ORDERS) -> Path:
    """Record the conversation, and let the databases know the orders and the sellers."""
    rehearsal = f"sqlite:///{folder / 'rehearsal.db'}"
    await migrate.upgrade(rehearsal)
    script = await recorded(rehearsal, folder)
    script["orders"] = [
        (number, order_parameter(number, OUR_TOKEN)) for number in map(number_of, range(orders))
    ]
    path = folder / "conversation.json"
    path.write_text(json.dumps(script), encoding="utf-8")
    for url in urls:
        await migrate.upgrade(url)
        await know_orders(url, orders)
    return path


OUR_TOKEN = "42:ours"


def number_of(n: int) -> str:
    """The number of the n-th order."""
    return f"{n:06}-0001"


async def know_orders(url: str, count: int) -> None:
    """Orders of sellers who are in the bot, made nine days ago and delivered two days ago.

    Older ones would be forgotten while people talk of them.
    """
    now = datetime.now(UTC)
    async with await open_database(url) as memory, memory.group() as group:
        unit = group.unit(now)
        for n in range(SELLERS):
            code = f"seller-{n}"
            unit.accounts.save(Account(id=4_000_000_000 + n))
            unit.accounts.save_seller(
                Seller(code=code, name=code, country="TR", address="İzmir 35220")
            )
            unit.accounts.join(4_000_000_000 + n, Role.SELLER, code)
        group.keep(unit)
        await group.commit()
    for first in range(0, count, TOGETHER):
        async with await open_database(url) as memory, memory.group() as group:
            unit = group.unit(now)
            unit.orders.save_all(
                replace(
                    order(number_of(n), delivered=now - timedelta(days=2)),
                    seller=f"seller-{n % SELLERS}",
                    created_at=now - timedelta(days=9),
                )
                for n in range(first, min(first + TOGETHER, count))
            )
            group.keep(unit)
            await group.commit()


def talked(
    bots: list[Bot], stock: Bot, script: Path, chance: random.Random, rounds: int
) -> list[Talked]:
    """Talk to every bot in its rounds, and to the stock bot between all of them. Raises Different.

    The stock bot comes last in what is answered.
    """
    seen: dict[str, list[tuple[Seen, Seen, Seen]]] = {bot.name: [] for bot in (*bots, stock)}
    steps = Counter[str]()
    with ExitStack() as stack:
        api = stack.enter_context(exchange(script))
        running = {bot.name: stack.enter_context(process(bot, api)) for bot in (*bots, stock)}

        def played(bot: Bot, warm_s: float, seconds: float) -> Seen:
            found = play(api, bot, running[bot.name], warm_s=warm_s, seconds=seconds)
            steps[bot.name] += found["steps"]
            return found

        def sliced(bot: Bot) -> Seen:
            return played(bot, WARM_S, SECONDS)

        for bot in (*bots, stock):
            played(bot, 3.0, 1.0)
        before = sliced(stock)
        for number in range(rounds):
            order = [bot for bot in bots if number % bot.every == 0]
            chance.shuffle(order)
            for bot in order:
                own, after = sliced(bot), sliced(stock)
                seen[bot.name].append((before, own, after))
                seen[stock.name].append((before, after, after))
                before = after
    _compare(seen)
    for bot in bots:
        if url := bot.environment.get("RETURNDESK_DATABASE_URL"):
            asyncio.run(kept.check(url, tables.cases, steps[bot.name] // len(ACTS)))
    return [_figures(name, slices) for name, slices in seen.items()]


def _compare(seen: Mapping[str, list[tuple[Seen, Seen, Seen]]]) -> None:
    """Everybody says the same."""
    said = None
    for name, slices in seen.items():
        for _, own, _ in slices:
            if own["odd"]:
                raise Different(f"{name}: {own['odd']}")
            for sample in own["samples"]:
                said = said or sample
                if sample != said:
                    raise Different(f"{name}: {sorted(set(sample) ^ set(said))}")


def _figures(name: str, slices: list[tuple[Seen, Seen, Seen]]) -> Talked:
    def rate(found: Seen) -> float:
        return float(found["conversations"] / found["seconds"])

    def cpu(found: Seen) -> float:
        return float(found["cpu_s"] / found["conversations"])

    own = [each for _, each, _ in slices]
    waits = sorted(wait for found in own for wait in found["waits"])
    done = sum(found["conversations"] for found in own)
    return Talked(
        name,
        rate=Figure.of([rate(found) for found in own]),
        ratio=Figure.of([2 * rate(each) / (rate(a) + rate(b)) for a, each, b in slices]),
        cpu=Figure.of([(cpu(a) + cpu(b)) / 2 / cpu(each) for a, each, b in slices]),
        calls=sum(sum(found["calls"].values()) for found in own) / done,
        wait_ms=waits[len(waits) // 2] * 1e3,
        exchange=sum(f["exchange_cpu_s"] for f in own) / sum(f["seconds"] for f in own),
    )


# ---------------------------------------------------------------------- processes


@contextmanager
def exchange(script: Path) -> Iterator[str]:
    """A running exchange: its address. It has the last processor for itself."""
    command = [sys.executable, "-m", "tests.bench.exchange", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        os.sched_setaffinity(running.pid, {max(os.sched_getaffinity(0))})
        assert running.stdout is not None
        try:
            yield f"http://127.0.0.1:{running.stdout.readline().strip()}"
        finally:
            running.kill()


@contextmanager
def process(bot: Bot, api: str) -> Iterator[int]:
    """A running bot on the first processor: its process id."""
    command = [sys.executable, "-m", bot.module, api, bot.token, *bot.arguments]
    environment = {**os.environ, **bot.environment, "RETURNDESK_API_BASE": api}
    with subprocess.Popen(command, env=environment) as running:
        os.sched_setaffinity(running.pid, {min(os.sched_getaffinity(0))})
        try:
            yield running.pid
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()


def play(api: str, bot: Bot, pid: int, *, warm_s: float, seconds: float) -> Seen:
    """A slice of talk with a bot: what the exchange has seen of it."""
    given = {
        "token": bot.token,
        "pid": pid,
        "chats": CHATS,
        "warm_s": warm_s,
        "seconds": seconds,
    }
    request = urllib.request.Request(f"{api}/play", json.dumps(given).encode())
    with urllib.request.urlopen(request, timeout=120) as answer:
        found: Seen = json.load(answer)
    return found


def ours(url: str, folder: Path, *, webhook: bool = False) -> Bot:
    """Our program on a database of its own."""
    token = OUR_TOKEN + ("-webhook" if webhook else "")
    settings = {
        "BOT_TOKEN": token,
        "LINK_SECRET": OUR_TOKEN,
        "DATABASE_URL": url,
        "ORDERS_FOLDER": str(folder / "orders"),
        "EVIDENCE_FOLDER": str(folder / "evidence"),
    }
    if webhook:
        listen = f"127.0.0.1:{free_port()}"
        settings["WEBHOOK_URL"] = f"http://{listen}/updates"
        settings["WEBHOOK_LISTEN"] = listen
        settings["WEBHOOK_SECRET"] = "bench-secret_0123456789abcdef"
    named = {f"RETURNDESK_{key}": value for key, value in settings.items()}
    name = "ours, webhook" if webhook else "ours, polling"
    return Bot(name, "tests.bench.bots.ours", token, named)


def stock(script: Path) -> Bot:
    """The peer against which all are measured."""
    return Bot(STOCK, "tests.bench.bots.aiogram_bot", "42:aiogram", {}, (str(script),))


def peers(script: Path, folder: Path) -> list[Bot]:
    """Further peers, where they can be installed; they are no dependency of ours."""
    libraries = folder / "peers"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(libraries)]
    command += ["--disable-pip-version-check", *PEERS]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return []
    path = os.pathsep.join([str(libraries), os.environ.get("PYTHONPATH", "")])
    given = {"PYTHONPATH": path}
    kept = str(folder / "pickle")
    return [
        Bot(name, f"{BOTS}.{module}", token, given, (str(script), *more), PEERS_EVERY)
        for name, module, token, more in (
            ("python-telegram-bot, memory", "ptb_bot", "42:ptb", ()),
            ("…, pickle", "ptb_bot", "42:pickle", (kept,)),
            ("telebot, memory", "telebot_bot", "42:telebot", ()),
        )
    ]


def conversations(folder: Path, chance: random.Random, rounds: int = ROUNDS) -> list[Talked]:
    """Every bot in a few rounds."""
    urls = [f"sqlite:///{folder / name}" for name in ("polling.db", "webhook.db")]
    script = asyncio.run(prepared(urls, folder))
    polling, webhook = urls
    bots = [ours(polling, folder), ours(webhook, folder, webhook=True), *peers(script, folder)]
    return talked(bots, stock(script), script, chance, rounds)


def lines(folder: Path, chance: random.Random) -> list[Line]:
    """B-3."""
    aims = {"ours, polling": 2.0, "ours, webhook": 2.5}
    try:
        found = conversations(folder, chance)
    except Different as error:
        return [Line("B-3", "conversations over HTTP", "", "—", "", str(error), False)]
    shown = [
        Line(
            "B-3",
            each.name,
            f"≥ {aims[each.name]:.1f}" if each.name in aims else "",
            f"{each.ratio.median:.2f}",
            f"{each.ratio.low:.2f} – {each.ratio.high:.2f}",
            f"{each.rate.median:.0f} conversations/s; CPU ratio {each.cpu.median:.2f}; a tap waits "
            f"{each.wait_ms:.0f} ms; the exchange is {each.exchange:.0%} busy",
            each.ratio.median >= aims.get(each.name, 0),
        )
        for each in found
    ]
    if not any("telebot" in each.name for each in found):
        why = "not installed: pip found no registry"
        shown.append(Line("B-3", "python-telegram-bot, telebot", "", "—", "", why, True))
    return shown
