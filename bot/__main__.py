"""The command line: `returndesk`, also `python -m bot`.

Parts are imported when their command runs, so that none waits for another's libraries.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings

GARBAGE = 20_000
"""New objects between two searches for garbage. What is said and done leaves little of it: at
Python's 700, looking through what is at work took a twentieth of all time."""


def now() -> datetime:
    """The one place where the program looks at the machine's clock."""
    return datetime.now(UTC)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Answers the exit status: 0 done, 1 failed, 2 not understood."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    from bot.settings import SettingsError

    try:
        status = command(arguments)
        sys.stdout.flush()
    except SettingsError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Who read our words has gone; the interpreter's own last flush must not meet that again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """For imports of much: they leave no garbage, but looking for it takes longer and longer.

    What has been imported is never looked through again: that would stop a running bot for a
    tenth of a second, now and then.
    """
    gc.disable()
    try:
        from bot.aiogram_light import import_aiogram

        import_aiogram()
        yield
    finally:
        gc.freeze()
        gc.set_threshold(GARBAGE)
        gc.enable()


def _fail(line: str, status: int = 1) -> int:
    print(f"returndesk: {line}", file=sys.stderr)
    return status


def _init(_: argparse.Namespace) -> int:
    from bot.settings import read_settings
    from storage.errors import StorageError
    from storage.migrate import upgrade

    settings = read_settings()
    try:
        asyncio.run(upgrade(settings.database_url))
    except StorageError as error:
        return _fail(str(error))
    settings.orders_folder.mkdir(parents=True, exist_ok=True)
    print("The database is ready. Start the bot with: returndesk run")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    from bot.logs import configure_logs
    from bot.settings import read_settings

    settings = read_settings()
    if arguments.webhook:
        _ = settings.webhook
    configure_logs(settings.log_level, settings.log_format)
    from bot.domain.policy import Policy

    try:
        # A wrong file is told at once, and not after everything else has been imported.
        Policy.load(settings.policy_file)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return _fail(f"RETURNDESK_POLICY_FILE is wrong: {settings.policy_file}: {reason}")
    with importing():
        from bot.app import run
        from bot.workers.link import Stopped
        from storage.errors import StorageError

    try:
        asyncio.run(_until_told(partial(run, settings, now, webhook=arguments.webhook)))
    except (StorageError, Stopped) as error:
        return _fail(str(error))
    return 0


async def _until_told(work: Callable[..., Awaitable[None]]) -> None:
    """Work with `stop`, which Ctrl-C and SIGTERM set: both end it in good order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    await work(stop=stop)


def _demo(arguments: argparse.Namespace) -> int:
    from bot.logs import configure_logs

    configure_logs("WARNING", "text")
    with importing():
        from bot import demo
        from bot.playground.story import NoSuchStep

    try:
        if arguments.play:
            asyncio.run(demo.play(arguments.language, arguments.play))
        else:
            asyncio.run(_until_told(partial(demo.serve_page, arguments.port)))
    except NoSuchStep as error:
        return _fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return _fail(f"the page cannot be served: {error.strerror or error}")
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    from bot.services.simulation import ScriptError, as_json_lines, as_text, run_script

    try:
        lines = run_script(Path(arguments.script))
    except ScriptError as error:
        return _fail(f"{arguments.script}: {error}", 2)
    except (OSError, UnicodeDecodeError) as error:
        return _fail(f"{arguments.script} cannot be read: {error}", 2)
    print((as_json_lines if arguments.json else as_text)(lines), end="")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from bot.services.heads import compare
    from bot.services.verifying import Changed, verify

    looked_at = arguments.file
    try:
        found = verify(Path(looked_at).read_bytes())
        if arguments.heads:
            looked_at = arguments.heads
            heads = compare(Path(looked_at).read_bytes(), found)
    except OSError as error:
        return _fail(f"{looked_at} cannot be read: {error.strerror}", 2)
    except Changed as error:
        if looked_at != arguments.file:
            return _fail(f"{arguments.file} does not fit {looked_at}, line {error.line}: {error}")
        return _fail(f"{looked_at}: line {error.line} was changed: {error}")
    print(
        f"{arguments.file}: return {found.case}, the record for the {found.made_for}: all "
        f"{found.lines} lines are as they were written; the history ends with {found.head}"
    )
    if arguments.heads:
        what = (
            f"names event {heads.event} of it as it is here"
            if heads.event
            else "names no event of it: nothing happened to it since the file before, or only later"
        )
        print(
            f"{looked_at}: the file of {heads.day} {what}; the group of the staff must have this "
            f"SHA-256 of the file: {heads.digest}"
        )
    return 0


def _orders_import(arguments: argparse.Namespace) -> int:
    from bot.settings import read_settings

    settings = read_settings()
    path = Path(arguments.file)
    from bot.marketplace.importing import hand_over, import_file, why_unread
    from bot.services.importing import nothing_kept
    from storage.database import open_database
    from storage.errors import Locked, StorageError

    async def at_once() -> str:
        async with await open_database(settings.database_url) as memory:
            return await import_file(path, memory, now, _say)

    try:
        if fault := why_unread(path):
            return _fail(fault)
        try:
            report = asyncio.run(at_once())
        except Locked:
            report = hand_over(path, settings.orders_folder, _say)
    except StorageError as error:
        return _fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return _fail(f"{error.filename or path}: {error.strerror}")
    _say(report)
    if nothing_kept(report):
        return _fail(f"nothing in {path} is an order that could be kept")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _orders_links(arguments: argparse.Namespace) -> int:
    from bot.services.links import LinkError, deep_link, order_parameter
    from bot.settings import read_settings
    from storage.beside import order_numbers
    from storage.errors import StorageError

    settings = read_settings()
    try:
        known = asyncio.run(order_numbers(settings.database_url))
        wanted = arguments.numbers or known
        unknown = {*wanted} - {*known}
        bot = arguments.bot.removeprefix("@") or _own_name(settings)
        for number in (each for each in wanted if each not in unknown):
            print(number, deep_link(bot, order_parameter(number, settings.secret)))
    except (StorageError, LinkError) as error:
        return _fail(str(error))
    if unknown:
        return _fail(f"there is no order {', '.join(sorted(unknown))}")
    return 0


def _own_name(settings: Settings) -> str:
    """Telegram is asked for the bot's username. Raises LinkError."""
    # Imported here because whoever gives the name need not wait for it.
    with importing():
        from bot.app import username_of
        from bot.services.links import LinkError
        from bot.workers.link import Stopped

    try:
        return asyncio.run(username_of(settings))
    except Stopped as error:
        raise LinkError(str(error)) from None


def _check(_: argparse.Namespace) -> int:
    from bot.operating.commands import check
    from bot.settings import read_settings
    from storage.errors import StorageError

    settings = read_settings()
    try:
        return 0 if asyncio.run(check(settings, _say)) else 1
    except StorageError as error:
        return _fail(str(error))


def _backup(arguments: argparse.Namespace) -> int:
    from bot.operating.commands import make_backup
    from bot.settings import read_settings
    from storage.errors import StorageError

    settings = read_settings()
    try:
        asyncio.run(make_backup(settings, arguments.place, now(), _say))
    except StorageError as error:
        return _fail(str(error))
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from bot.operating.commands import take_backup
    from bot.settings import read_settings
    from storage.errors import StorageError

    settings = read_settings()
    try:
        asyncio.run(take_backup(settings, arguments.file, replace=arguments.replace, say=_say))
    except StorageError as error:
        return _fail(str(error))
    return 0


def _health(_: argparse.Namespace) -> int:
    from bot.operating.commands import NoAnswer, ask_health
    from bot.settings import read_settings

    settings = read_settings()
    try:
        return 0 if ask_health(settings, _say) else 1
    except NoAnswer as error:
        return _fail(str(error))


def _staff(arguments: argparse.Namespace) -> int:
    from bot.operating.commands import NotDismissed, dismiss, list_staff
    from bot.settings import read_settings
    from storage.errors import StorageError

    settings = read_settings()
    try:
        if arguments.dismiss is None:
            asyncio.run(list_staff(settings, _say))
        else:
            asyncio.run(dismiss(settings, arguments.dismiss, now, _say))
    except (StorageError, NotDismissed) as error:
        return _fail(str(error))
    return 0


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 2**16):
        raise argparse.ArgumentTypeError("a port from 0 (any free one) to 65535 is expected")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="returndesk", description="Carries product returns in Telegram."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser("init", help="create the database, or bring it up to date")
    init.set_defaults(command=_init)

    run = commands.add_parser("run", help="run the bot")
    run.add_argument(
        "--webhook", action="store_true", help="let Telegram post updates instead of polling"
    )
    run.set_defaults(command=_run)

    demo = commands.add_parser("demo", help="a page on which one person plays everybody")
    demo.add_argument("--port", type=_port, default=8070, help="the page's port (8070)")
    demo.add_argument(
        "--play",
        nargs="?",
        const="return",
        choices=("return", "dispute"),
        help="play one return in the terminal, or one that ends in a dispute",
    )
    demo.add_argument("--language", choices=("en", "ru"), default="en", help="of --play")
    demo.set_defaults(command=_demo)

    simulate = commands.add_parser("simulate", help="play a script on the rules; nothing is sent")
    simulate.add_argument("script", help="a TOML file")
    simulate.add_argument("--json", action="store_true", help="one JSON object a line")
    simulate.set_defaults(command=_simulate)

    verify = commands.add_parser("verify", help="check the record of a return, without a network")
    verify.add_argument("file", help="a .jsonl file that the bot has sent")
    verify.add_argument(
        "--heads", metavar="FILE", help="a heads_….jsonl that was posted in the group of the staff"
    )
    verify.set_defaults(command=_verify)

    check = commands.add_parser("check", help="look whether all that is stored holds together")
    check.set_defaults(command=_check)

    backup = commands.add_parser("backup", help="write a backup, also while the bot runs")
    backup.add_argument("place", nargs="?", help="a folder or a new file; else the backup folder")
    backup.set_defaults(command=_backup)

    restore = commands.add_parser("restore", help="make a backup the database")
    restore.add_argument("file")
    restore.add_argument("--replace", action="store_true", help="the database that is there may go")
    restore.set_defaults(command=_restore)

    health = commands.add_parser("health", help="ask a running bot whether it can work")
    health.set_defaults(command=_health)

    staff = commands.add_parser("staff", help="print who is of the staff")
    staff.add_argument("--dismiss", type=int, metavar="ID", help="take somebody's roles away")
    staff.set_defaults(command=_staff)

    orders = commands.add_parser("orders", help="orders of the marketplace")
    of_orders = orders.add_subparsers(required=True, metavar="COMMAND")
    imported = of_orders.add_parser("import", help="take orders from a CSV or JSON Lines file")
    imported.add_argument("file")
    imported.set_defaults(command=_orders_import)
    links = of_orders.add_parser("links", help="print the signed links of orders")
    links.add_argument("--bot", default="", help="the bot's username; Telegram is asked without it")
    links.add_argument("numbers", nargs="*", metavar="NUMBER", help="of these orders; else of all")
    links.set_defaults(command=_orders_links)
    return parser


if __name__ == "__main__":
    sys.exit(main())
