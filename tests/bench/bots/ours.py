"""The real program as `returndesk run` starts it, but without Telegram's limits: there are none."""

from __future__ import annotations

import asyncio
import signal

from bot.__main__ import importing, now

with importing():
    from bot.app import program
    from bot.logs import configure_logs
    from bot.settings import read_settings
    from bot.workers.permits import Rates


async def main() -> None:
    configure_logs("ERROR", "text")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    rates = Rates(at_once=1_000, held_s=0.0)
    settings = read_settings()
    webhook = settings.webhook_url is not None
    async with program(settings, now, rates=rates, webhook=webhook) as desk:
        await desk.run(stop)


if __name__ == "__main__":
    asyncio.run(main())
