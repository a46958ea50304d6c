"""The conversations: who may say what, and which service it calls."""

from __future__ import annotations

from collections.abc import Collection

from aiogram import Dispatcher, Router
from aiogram.dispatcher.event.handler import FilterObject, HandlerObject
from aiogram.filters import Filter

from bot.services.desk import ReturnDesk
from bot.services.reading import Reading
from bot.texts import Catalogues
from handlers import action_form, cases, invitations, otherwise, start
from handlers.customer import claim, intake, orders, track
from handlers.filters import Commanding
from handlers.middlewares import Allowed, Arrival
from handlers.seller import address
from handlers.support import desk as support
from handlers.tree import check_tree


def make_router() -> Router:
    """The router tree, in order: open forms, then places and commands, then everything else.

    Commands and buttons of the reply keyboard pass an open form by: there is always a way out.
    """
    root = Router(name="returndesk")
    forms = (claim.router, intake.router, action_form.router, address.form)
    places = (
        start.router,
        orders.router,
        cases.router,
        address.router,
        invitations.router,
        support.router,
    )
    for router in forms:
        _move(router, root, Commanding(False))
    for router in places:
        _move(router, root, Commanding(True))
    for router in (track.router, otherwise.router):
        _move(router, root)
    for observer in (root.message, root.callback_query, root.my_chat_member):
        observer.middleware(Allowed())
    return root


def _move(router: Router, root: Router, *messages: Filter) -> None:
    """Register a router's handlers in the root as well, those of messages with more filters.

    An update that passes a router by pays for it as for ten filters, and aiogram lets a router
    have one parent in its life: so there is one router at work, and the others are its chapters.
    """
    for kind, observer in router.observers.items():
        more = [FilterObject(each) for each in messages] if kind == "message" else []
        root.observers[kind].handlers.extend(
            HandlerObject(each.callback, filters=[*(each.filters or ()), *more], flags=each.flags)
            for each in observer.handlers
        )


def make_dispatcher(
    *,
    desk: ReturnDesk,
    reading: Reading,
    catalogues: Catalogues,
    owners: Collection[int],
    username: str,
    secret: str,
    zone: str = "UTC",
) -> Dispatcher:
    """The dispatcher with the whole tree. Raises `tree.Untagged` if the tree has a hole.

    `feed_update` also wants `unit` and `now`; it answers what the handler returned.
    """
    dispatcher = Dispatcher(
        disable_fsm=True,
        desk=desk,
        reading=reading,
        catalogues=catalogues,
        username=username,
        secret=secret,
    )
    dispatcher.update.outer_middleware(Arrival(catalogues, owners, username, zone))
    dispatcher.include_router(make_router())
    check_tree(dispatcher)
    return dispatcher
