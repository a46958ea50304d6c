"""The conversations: who may say what, and which service it calls."""

from __future__ import annotations

from collections.abc import Collection

from aiogram import Dispatcher

from bot.services.correspondence import Correspondence
from bot.services.desk import ReturnDesk
from bot.services.reading import Reading
from bot.texts import Catalogues
from handlers import action_form, cases, exports, invitations, otherwise, slip_form, start
from handlers import room as letters
from handlers.customer import claim, intake, orders, rating, track
from handlers.filters import Commanding
from handlers.middlewares import Arrival
from handlers.seller import address, pictures, settings, templates
from handlers.support import (
    blocks,
    finding,
    imports,
    policies,
    sellers,
    simulating,
    staff,
    stats,
    withholdings,
)
from handlers.support import desk as support
from handlers.support.topics import Topics
from handlers.switchboard import Switchboard
from handlers.tree import check_tree


def make_dispatcher(
    *,
    desk: ReturnDesk,
    reading: Reading,
    catalogues: Catalogues,
    owners: Collection[int],
    secret: str,
    room: Correspondence,
    zone: str = "UTC",
    topics: int | None = None,
) -> Dispatcher:
    """The dispatcher with all handlers: open forms, then places and commands, then the rest.

    Commands and buttons of the reply keyboard pass an open form by: there is always a way out.
    `feed_update` also wants `unit`, `now` and the bot's `username`; it answers what the handler
    returned. Raises `tree.Untagged` if a handler has no role or a filter would run in a thread.
    """
    dispatcher = Switchboard(
        desk=desk, reading=reading, catalogues=catalogues, secret=secret, room=room
    )
    dispatcher["owners"] = frozenset(owners)
    dispatcher.update.outer_middleware(Arrival(catalogues, owners, zone, Topics(topics, room)))
    forms = (
        claim.router,
        intake.router,
        action_form.router,
        address.form,
        letters.form,
        slip_form.router,
    )
    dispatcher.take(*forms, messages=[Commanding(False)])
    dispatcher.take(
        start.router,
        orders.router,
        cases.router,
        address.router,
        templates.router,
        pictures.router,
        rating.router,
        invitations.router,
        support.router,
        letters.router,
        finding.router,
        blocks.router,
        withholdings.router,
        imports.router,
        simulating.router,
        policies.router,
        sellers.router,
        settings.router,
        staff.router,
        stats.router,
        exports.router,
        messages=[Commanding(True)],
    )
    dispatcher.take(letters.replies, track.router, otherwise.router)
    check_tree(dispatcher)
    return dispatcher
