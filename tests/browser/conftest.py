"""A real Chromium on the page of the demo, with the real program behind it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.demo import Stage, stage
from bot.playground.cast import CAST, Member

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000


@dataclass
class Phone:
    """The chat of one person on the page."""

    node: Locator

    async def press(self, label: str) -> None:
        """Press the newest button with this label, inline or of the keyboard of answers."""
        # Sums are written with spaces that do not break.
        words = r"\s".join(re.escape(word) for word in label.split(" "))
        text = re.compile(f"^{words}$")
        await self.node.locator(".key", has_text=text).last.click(timeout=PATIENCE_MS)

    async def open_link(self, part: str = "") -> None:
        """Open a link that the person has received, in a chat that is still empty."""
        await self.node.locator(".chip", has_text=part).first.click(timeout=PATIENCE_MS)

    async def start(self) -> None:
        await self.node.locator(".start").click(timeout=PATIENCE_MS)

    async def say(self, text: str) -> None:
        await self.node.locator("textarea").fill(text)
        await self.node.locator("textarea").press("Enter")

    async def attach(self, name: str) -> None:
        """Send a sample photo by its name, or what the menu offers by its words."""
        await self.node.locator(".composer > .round").nth(1).click()
        panel = self.node.locator(".panel.attach")
        photo = panel.get_by_title(name, exact=True)
        await (photo if await photo.count() else panel.get_by_text(name)).click()

    async def sees(self, *parts: str) -> None:
        """Wait until one bubble holds all parts."""
        bubble = self.node.locator(".bubble")
        for part in parts:
            bubble = bubble.filter(has_text=part)
        await expect(bubble.last).to_be_visible(timeout=PATIENCE_MS)


@dataclass
class OpenPage:
    """The page in one window, and the stage behind it."""

    page: Page
    on: Stage
    url: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def move_clock(self, label: str) -> None:
        """Press a button of the clock, and wait until all that it brings has happened."""
        async with self.page.expect_response("**/play/clock"):
            await self.page.get_by_role("button", name=label).click()

    def phone(self, member: Member) -> Phone:
        return Phone(self.page.locator(f"#phone-{member.id}"))


Opens = Callable[..., Awaitable[OpenPage]]


def chromium() -> str:
    """Where Chromium is. Missing, it is a failure in CI and a skip elsewhere."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: the browser tests cannot run")
        pytest.skip("NO CHROMIUM, THE PAGE IS UNTESTED")
    return path


@asynccontextmanager
async def _window(
    width: int, height: int, language: str, color_scheme: str
) -> AsyncIterator[OpenPage]:
    path = chromium()
    async with (
        stage(0) as (on, url),
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=path, args=list(FLAGS)) as browser,
    ):
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            timezone_id="Europe/Istanbul",
            color_scheme=color_scheme,  # type: ignore[arg-type]
        )
        page = await context.new_page()
        window = OpenPage(page, on, url)
        page.on("console", lambda said: window.complaints.append(said.text))
        page.on("pageerror", lambda error: window.complaints.append(str(error)))
        page.on("request", lambda request: window.requests.append(request.url))
        await page.goto(url)
        await expect(page.locator(".phone")).to_have_count(len(CAST) + 1, timeout=PATIENCE_MS)
        yield window


@pytest.fixture
async def opens() -> AsyncIterator[Opens]:
    """Opens the demo in a window; every page must stay at home and have nothing to complain."""
    async with AsyncExitStack() as stack:
        windows: list[OpenPage] = []

        async def open_page(
            width: int = 1440, height: int = 900, language: str = "en-GB", scheme: str = "light"
        ) -> OpenPage:
            window = await stack.enter_async_context(_window(width, height, language, scheme))
            windows.append(window)
            return window

        yield open_page
        for window in windows:
            assert window.complaints == []
            assert [url for url in window.requests if not url.startswith(window.url)] == []
