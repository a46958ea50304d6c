"""B-8: from the start of the process to its first poll, against importing aiogram and no more."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from storage import migrate
from tests.bench.lines import Line
from tests.bench.measuring import Figure

ROUNDS = 9
_ME = {"id": 42, "is_bot": True, "first_name": "Return Desk", "username": "return_desk_bot"}


def started(url: str, folder: Path) -> tuple[Figure, Figure, Figure]:
    """Ratio, seconds to the first poll, seconds of the import; taken in turns."""
    ours, theirs = [], []
    with _telegram() as (api, polled):
        environment = {
            **os.environ,
            "RETURNDESK_BOT_TOKEN": "42:start",
            "RETURNDESK_API_BASE": api,
            "RETURNDESK_DATABASE_URL": url,
            "RETURNDESK_ORDERS_FOLDER": str(folder / "orders"),
            "RETURNDESK_LOG_LEVEL": "ERROR",
        }
        for turn in range(ROUNDS + 1):
            run, imported = _run(environment, polled), _import()
            if turn:  # the first reads the disk
                ours.append(run)
                theirs.append(imported)
    ratio = Figure.of([a / b for a, b in zip(ours, theirs, strict=True)])
    return ratio, Figure.of(ours), Figure.of(theirs)


def _run(environment: dict[str, str], polled: threading.Event) -> float:
    polled.clear()
    began = time.perf_counter()
    command = [sys.executable, "-m", "bot", "run"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as running:
        ready = polled.wait(60)
        took = time.perf_counter() - began
        running.send_signal(signal.SIGTERM)
    if not ready:
        raise RuntimeError("the program did not start")
    return took


def _import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiogram"], check=True)
    return time.perf_counter() - began


@contextmanager
def _telegram() -> Iterator[tuple[str, threading.Event]]:
    """Just enough to be started against: its address, and an event for the first poll."""
    polled = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            method = self.path.rpartition("/")[2]
            result: object = _ME if method == "getMe" else True
            if method == "getUpdates":
                polled.set()
                time.sleep(0.5)
                result = []
            body = json.dumps({"ok": True, "result": result}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A program that is stopped hangs up on its poll."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", polled
    finally:
        server.shutdown()
        server.server_close()


def lines(folder: Path, chance: random.Random) -> list[Line]:
    """B-8."""
    url = f"sqlite:///{folder / 'start.db'}"
    asyncio.run(migrate.upgrade(url))
    ratio, ours, theirs = started(url, folder)
    return [
        Line(
            "B-8",
            "start to first poll, to importing aiogram",
            "≤ 1.3",
            f"{ratio.median:.2f}",
            f"{ratio.low:.2f} – {ratio.high:.2f}",
            f"{ours.median:.1f} s to {theirs.median:.1f} s",
            ratio.median <= 1.3,
        )
    ]
